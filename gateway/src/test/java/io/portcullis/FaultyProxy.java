package io.portcullis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A TCP proxy on loopback that passes everything on, until it is told to be a bad network. */
public final class FaultyProxy implements AutoCloseable {
    /** Which way bytes go. */
    public enum Direction {
        TO_SERVER,
        TO_CLIENT
    }

    /** How both sides are told that the connection is over. */
    public enum End {
        FIN,
        RST
    }

    private final int serverPort;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Set<Socket> servers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong passed = new AtomicLong();
    private volatile Fault fault = Fault.NONE;
    private volatile boolean refuses;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile Duration latency = Duration.ZERO;

    /** What happens to one direction once so many bytes of it have passed; with no end the rest is swallowed. */
    private static final class Fault {
        private static final Fault NONE = new Fault(Direction.TO_SERVER, Long.MAX_VALUE, null);

        private final Direction direction;
        private final End end;
        private long left;

        Fault(Direction direction, long bytes, End end) {
            this.direction = direction;
            this.left = bytes;
            this.end = end;
        }

        /** How many of those bytes may pass. */
        synchronized int pass(Direction of, int count) {
            if (of != direction) {
                return count;
            }
            int passing = (int) Math.min(left, count);
            left -= passing;
            return passing;
        }

        synchronized boolean strikes(Direction of) {
            return of == direction && left == 0;
        }
    }

    private FaultyProxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        threads.execute(this::accept);
    }

    public static FaultyProxy before(int serverPort) {
        try {
            return new FaultyProxy(serverPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections came, refused ones among them. */
    public int accepted() {
        return accepted.get();
    }

    /** How many bytes have passed to the server. */
    public long passedToServer() {
        return passed.get();
    }

    /** Ends one connection as soon as so many more bytes have passed in that direction, then behaves again. */
    public void cutOnceAfter(Direction direction, long bytes, End end) {
        fault = new Fault(direction, bytes, end);
    }

    /** Ends all connections; with FIN, clients learn it only when the server has, and closed its side. */
    public void cutNow(End how) {
        if (how == End.RST) {
            servers.forEach(server -> end(server, how));
            clients.forEach(client -> end(client, how));
            return;
        }
        for (Socket server : servers) {
            try {
                server.shutdownOutput();
            } catch (IOException e) {
                // it has ended already
            }
        }
    }

    /** Swallows what comes in that direction after so many more bytes; connections stay open, and nobody is told. */
    public void swallowAfter(Direction direction, long bytes) {
        fault = new Fault(direction, bytes, null);
    }

    /** Resets every new connection. */
    public void refuse() {
        refuses = true;
    }

    /** Lets new connections wait until it behaves again. */
    public void hold() {
        gate = new CountDownLatch(1);
    }

    /** Keeps every piece of data for so long. */
    public void delay(Duration time) {
        latency = time;
    }

    /** Behaves from now on; what was swallowed is lost. */
    public void behave() {
        fault = Fault.NONE;
        refuses = false;
        latency = Duration.ZERO;
        gate.countDown();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                accepted.incrementAndGet();
                gate.await();
                if (refuses) {
                    end(client, End.RST);
                } else {
                    connect(client);
                }
            } catch (IOException e) {
                // the proxy was closed
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
            clients.add(client);
            servers.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            threads.execute(() -> pump(Direction.TO_SERVER, client, server));
            threads.execute(() -> pump(Direction.TO_CLIENT, server, client));
        } catch (IOException e) {
            end(client, End.RST);
        }
    }

    private void pump(Direction direction, Socket from, Socket to) {
        byte[] buffer = new byte[65536];
        End end = End.FIN;
        try {
            InputStream in = from.getInputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                waitFor(latency);
                Fault now = fault;
                int passing = now.pass(direction, read);
                if (direction == Direction.TO_SERVER) {
                    passed.addAndGet(passing);
                }
                to.getOutputStream().write(buffer, 0, passing);
                if (now.end != null && now.strikes(direction)) {
                    end = now.end;
                    fault = Fault.NONE;
                    break;
                }
            }
        } catch (IOException e) {
            if (from.isClosed() || to.isClosed()) {
                // cut by another thread, in its own way
                return;
            }
            end = End.RST;
        }
        end(to, end);
        end(from, end);
    }

    private static void waitFor(Duration time) {
        long until = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void end(Socket socket, End how) {
        clients.remove(socket);
        servers.remove(socket);
        try (socket) {
            if (how == End.RST && !socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // it has ended already
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        clients.forEach(socket -> end(socket, End.RST));
        servers.forEach(socket -> end(socket, End.RST));
        threads.shutdownNow();
    }
}
