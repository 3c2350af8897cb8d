package io.portcullis.soak;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/** The HTTP stack of everybody in a run: it sends what it is given, once. */
final class SoakHttp {
    /** More than anybody waits: after that it hangs, however busy the machine is. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** @param status of the answer, or one of {@link Operation}'s */
    record Answer(int status, String body) {}

    Answer refresh(int port, String token) {
        return post(port, "/api/auth/refresh", refreshBody(token));
    }

    private static String refreshBody(String token) {
        return "{\"refreshToken\":\"" + token + "\"}";
    }

    Answer post(int port, String path, String json, String... headers) {
        return send(request(port, path, headers)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json)));
    }

    Answer get(int port, String path, String... headers) {
        return send(request(port, path, headers).GET());
    }

    Answer delete(int port, String path) {
        return send(request(port, path).DELETE());
    }

    private static HttpRequest.Builder request(int port, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE);
        return headers.length == 0 ? request : request.headers(headers);
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (HttpTimeoutException e) {
            return new Answer(Operation.SILENT, "");
        } catch (IOException e) {
            return new Answer(Operation.BROKEN, "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(Operation.BROKEN, "");
        }
    }

    /** Begins a refresh on a connection of its own, and goes away without having read anything. */
    static void refreshAndLeave(int port, String token, boolean half, boolean reset, Runnable wait) {
        String json = refreshBody(token);
        byte[] request = ("POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + json.length() + "\r\n\r\n" + json)
                .getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(half ? Arrays.copyOf(request, request.length / 2) : request);
            wait.run();
            if (reset) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // it is over one way or the other
        }
    }
}
