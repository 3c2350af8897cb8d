package io.portcullis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a Kubernetes Service is to its clients: a new connection goes to one of the replicas that were ready when it last
 * looked, in turn, and stays there until one side ends it. It knows no HTTP, tries no other replica and repeats nothing.
 */
final class ReadyReplicas implements AutoCloseable {
    private static final int LOOKS_EVERY_MS = 250;

    private final ServerSocket listener;
    private final Map<Integer, Integer> managementPorts = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile List<Integer> ready = List.of();

    ReadyReplicas() {
        try {
            listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        watch.scheduleWithFixedDelay(this::look, 0, LOOKS_EVERY_MS, TimeUnit.MILLISECONDS);
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void add(int port, int managementPort) {
        managementPorts.put(port, managementPort);
    }

    void remove(int port) {
        managementPorts.remove(port);
    }

    /** Whether new connections go to the replica of that port. */
    boolean isServed(int port) {
        return ready.contains(port);
    }

    private void look() {
        ready = managementPorts.entrySet().stream()
                .filter(replica -> isReady(replica.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    static boolean isReady(int managementPort) {
        try {
            return GatewayProcess.get(URI.create("http://127.0.0.1:" + managementPort + "/actuator/health/readiness"))
                            .statusCode()
                    == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> join(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void join(Socket client) {
        List<Integer> now = ready;
        try (client) {
            sockets.add(client);
            int port = now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
            try (Socket replica = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setTcpNoDelay(true);
                replica.setTcpNoDelay(true);
                threads.execute(() -> pass(client, replica));
                pass(replica, client);
            }
        } catch (IOException e) {
            // the client sees its connection end
        } finally {
            sockets.remove(client);
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // whose end it is does not matter: the other side is ended too
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(ReadyReplicas::closeQuietly);
        watch.shutdownNow();
        threads.shutdownNow();
    }
}
