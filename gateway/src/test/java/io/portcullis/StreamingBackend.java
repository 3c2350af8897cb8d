package io.portcullis;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A backend of large bodies: counts and hashes what it is sent, sends what was asked for, and can be made to wait. */
final class StreamingBackend implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong sent = new AtomicLong();
    private final CountDownLatch slowAsked = new CountDownLatch(1);
    private final CountDownLatch slowReleased = new CountDownLatch(1);
    private volatile CountDownLatch uploads = new CountDownLatch(0);

    StreamingBackend() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/upload", this::upload);
        server.createContext("/download", this::download);
        server.createContext("/slow", this::slow);
        server.createContext("/actuator", exchange -> answer(exchange, "the backend's " + exchange.getRequestURI()));
        server.start();
    }

    String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on uploads are not read, until the latch that is returned is counted down. */
    CountDownLatch holdUploads() {
        uploads = new CountDownLatch(1);
        return uploads;
    }

    /** Bytes of downloads that left this backend. */
    AtomicLong sent() {
        return sent;
    }

    /** Counted down once {@code /slow} has been asked for. */
    CountDownLatch slowAsked() {
        return slowAsked;
    }

    /** To be counted down to let {@code /slow} answer. */
    CountDownLatch slowReleased() {
        return slowReleased;
    }

    private void upload(HttpExchange exchange) throws IOException {
        pass(uploads);
        String framing = exchange.getRequestHeaders().containsKey("Content-Length") ? "length" : "chunked";
        try (InputStream body = exchange.getRequestBody()) {
            answer(exchange, framing + " " + LargeBody.hash(body));
        }
    }

    private void download(HttpExchange exchange) throws IOException {
        String size = exchange.getRequestURI().getQuery();
        exchange.sendResponseHeaders(200, 0);
        try (InputStream body = size == null ? new LargeBody() : new LargeBody(Long.parseLong(size));
                OutputStream out = exchange.getResponseBody()) {
            byte[] buffer = new byte[65536];
            for (int read = body.read(buffer); read > 0; read = body.read(buffer)) {
                out.write(buffer, 0, read);
                sent.addAndGet(read);
            }
        }
    }

    private void slow(HttpExchange exchange) throws IOException {
        slowAsked.countDown();
        pass(slowReleased);
        answer(exchange, "finished");
    }

    private static void pass(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
