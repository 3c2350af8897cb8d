package io.portcullis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A backend that keeps each request's bytes as they came and answers with bytes it is given, so that nothing in between
 * can make two requests look alike.
 */
public final class RawBackend implements AutoCloseable {
    private volatile ServerSocket listener;
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final ExecutorService connections = Executors.newCachedThreadPool();
    private volatile boolean hangsUp;
    private volatile CountDownLatch held = new CountDownLatch(0);
    private volatile String answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /**
     * A request.
     *
     * @param line its first line
     * @param headers the others, in order
     * @param body its content; chunks are joined
     */
    public record Request(String line, List<String> headers, String body) {
        /** The value of the only header of that name. */
        public String header(String name) {
            List<String> values = headers(name);
            if (values.size() != 1) {
                throw new AssertionError(name + ": " + values);
            }
            return values.get(0);
        }

        public List<String> headers(String name) {
            return headers.stream()
                    .filter(header -> header.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(header -> header.substring(name.length() + 1).trim())
                    .toList();
        }
    }

    private RawBackend() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        connections.execute(this::accept);
    }

    public static RawBackend start() {
        try {
            return new RawBackend();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String uri() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** What every request is answered with from now on, from the status line to the last byte. */
    public void answerWith(String bytes) {
        answer = bytes;
    }

    /** Whether a connection ends with the next answer on it. */
    public void hangUpAfterEachAnswer(boolean hangUp) {
        hangsUp = hangUp;
    }

    /** From now on nothing is answered, until the latch that is returned is counted down. */
    public CountDownLatch hold() {
        held = new CountDownLatch(1);
        return held;
    }

    /** Refuses connections from now on. */
    public void goAway() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Accepts connections again, on the same port. */
    public void comeBack() {
        try {
            listener = new ServerSocket(listener.getLocalPort(), 50, InetAddress.getLoopbackAddress());
            connections.execute(this::accept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The oldest request that was not taken yet. */
    public Request take() {
        try {
            Request request = requests.poll(10, TimeUnit.SECONDS);
            if (request == null) {
                throw new AssertionError("no request reached the backend");
            }
            return request;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** How many requests were not taken yet. */
    public int waiting() {
        return requests.size();
    }

    /** Forgets the requests that were not taken. */
    public void forget() {
        requests.clear();
    }

    private void accept() {
        ServerSocket open = listener;
        while (!open.isClosed()) {
            try {
                Socket connection = open.accept();
                connections.execute(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = connection.getInputStream();
            for (String line = line(in); line != null; line = line(in)) {
                requests.add(read(line, in));
                held.await();
                connection.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                connection.getOutputStream().flush();
                if (hangsUp) {
                    return;
                }
            }
        } catch (IOException e) {
            // the connection is gone, as connections go
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Request read(String line, InputStream in) throws IOException {
        List<String> headers = new ArrayList<>();
        int length = 0;
        boolean chunked = false;
        for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
            headers.add(header);
            String lower = header.toLowerCase(Locale.ROOT);
            chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
            if (lower.startsWith("content-length:")) {
                length =
                        Integer.parseInt(lower.substring(lower.indexOf(':') + 1).trim());
            }
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (chunked) {
            for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
                body.write(in.readNBytes(size));
                line(in);
            }
            line(in);
        } else {
            body.write(in.readNBytes(length));
        }
        return new Request(line, headers, body.toString(StandardCharsets.ISO_8859_1));
    }

    private static int chunkSize(InputStream in) throws IOException {
        String line = line(in);
        return line == null ? 0 : Integer.parseInt(line.trim(), 16);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).replaceFirst("\r$", "");
            }
            line.write(b);
        }
        return null;
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            connections.shutdownNow();
        }
    }
}
