package io.portcullis.operations;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Somebody else's server on a loopback port, which takes posts or fails to in every way that servers have. */
final class WebhookReceiver implements AutoCloseable {
    private static final int HANGS = 0;

    private final int port;
    private final Queue<Post> taken = new ConcurrentLinkedQueue<>();
    private final Queue<Post> refused = new ConcurrentLinkedQueue<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile int status = 200;
    private HttpServer server;

    /** A request, with the names of its headers in lower case. */
    record Post(String method, String path, Map<String, String> headers, String body) {
        String id() {
            return headers.get("webhook-id");
        }
    }

    WebhookReceiver() {
        listen(0);
        port = server.getAddress().getPort();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port + "/hook");
    }

    /** What every post is answered from now on. */
    void answer(int newStatus) {
        status = newStatus;
    }

    /** From now on nothing is answered. */
    void hang() {
        status = HANGS;
    }

    /** Nobody listens any more. */
    void stop() {
        server.stop(0);
    }

    void startAgain() {
        listen(port);
    }

    /** What was answered with 2xx. */
    Queue<Post> taken() {
        return taken;
    }

    /** What was not. */
    Queue<Post> refused() {
        return refused;
    }

    private void listen(int onPort) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort), 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Post post = new Post(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                exchange.getRequestHeaders().entrySet().stream()
                        .collect(Collectors.toMap(
                                header -> header.getKey().toLowerCase(),
                                header -> header.getValue().get(0))),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        int answer = status;
        (answer >= 200 && answer < 300 ? taken : refused).add(post);
        if (answer == HANGS) {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else {
            if (answer >= 300 && answer < 400) {
                exchange.getResponseHeaders().add("Location", "/elsewhere");
            }
            exchange.sendResponseHeaders(answer, -1);
        }
        exchange.close();
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
