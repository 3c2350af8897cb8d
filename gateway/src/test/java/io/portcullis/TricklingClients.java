package io.portcullis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Clients each of which sends one byte, and the next one a while later, for as long as its peer listens; what they are
 * answered is kept. The while is a tenth of a second: each byte arrives alone, and what takes ten seconds takes a hundred of
 * them. With a whole second between two it would be the same, ten times as long.
 */
final class TricklingClients implements AutoCloseable {
    private static final long GAP_MS = 100;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final List<Client> clients = new ArrayList<>();
    private final int port;

    TricklingClients(int port) {
        this.port = port;
        thread.scheduleWithFixedDelay(this::sendOneByteEach, 0, GAP_MS, TimeUnit.MILLISECONDS);
    }

    /** One more of them, which sends the one at once and the other slowly. */
    synchronized void add(String atOnce, String slowly) {
        try {
            SocketChannel connection =
                    SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
            connection.write(ByteBuffer.wrap(atOnce.getBytes(StandardCharsets.US_ASCII)));
            connection.configureBlocking(false);
            clients.add(new Client(connection, ByteBuffer.wrap(slowly.getBytes(StandardCharsets.US_ASCII))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void sendOneByteEach() {
        clients.forEach(Client::goOn);
    }

    /** Whether the peer has ended all of their connections. */
    synchronized boolean haveAllEnded() {
        return clients.stream().allMatch(client -> client.hasEnded);
    }

    /** What each was answered, in the order in which they came. */
    synchronized List<String> answers() {
        return clients.stream()
                .map(client -> client.answer.toString(StandardCharsets.UTF_8))
                .toList();
    }

    /** How many bytes each still had to send. */
    synchronized List<Integer> unsent() {
        return clients.stream().map(client -> client.slowly.remaining()).toList();
    }

    @Override
    public void close() {
        thread.shutdownNow();
        synchronized (this) {
            clients.forEach(Client::leave);
        }
    }

    private static final class Client {
        private final SocketChannel connection;
        private final ByteBuffer slowly;
        private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
        private boolean hasEnded;

        Client(SocketChannel connection, ByteBuffer slowly) {
            this.connection = connection;
            this.slowly = slowly;
        }

        void goOn() {
            if (hasEnded) {
                return;
            }
            try {
                read();
                if (!hasEnded && slowly.hasRemaining()) {
                    connection.write(slowly.slice(slowly.position(), 1));
                    slowly.get();
                }
            } catch (IOException e) {
                // reset: it did not want the rest
                hasEnded = true;
            }
        }

        private void read() throws IOException {
            ByteBuffer some = ByteBuffer.allocate(4096);
            int read = connection.read(some);
            hasEnded = read < 0;
            answer.write(some.array(), 0, Math.max(0, read));
        }

        void leave() {
            try {
                connection.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
