package io.portcullis.operations;

import io.portcullis.TestGateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/** The management port of a gateway, as an operator with curl sees it. */
record ManagementPort(HttpClient client, String base, String[] headers) {
    static final String SESSIONS = "/actuator/sessions";

    static ManagementPort of(TestGateway gateway, String... headers) {
        return new ManagementPort(gateway.client(), "http://127.0.0.1:" + gateway.managementPort(), headers);
    }

    static String basic(String name, String password) {
        String pair = name + ":" + password;
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    static String of(String realm, String subject) {
        return SESSIONS + "?realm=" + realm + "&subject=" + URLEncoder.encode(subject, StandardCharsets.UTF_8);
    }

    HttpResponse<String> get(String path) {
        return send(request(path).GET());
    }

    HttpResponse<String> delete(String path) {
        return send(request(path).DELETE());
    }

    HttpResponse<String> post(String path, String json) {
        return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(30));
        return headers.length == 0 ? request : request.headers(headers);
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (HttpTimeoutException e) {
            throw new UncheckedIOException("no answer while the threads are at:\n" + threads(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What holds an answer up is gone by the time that somebody looks. */
    private static String threads() {
        StringBuilder threads = new StringBuilder();
        Thread.getAllStackTraces().forEach((thread, frames) -> {
            threads.append(thread.getName())
                    .append(' ')
                    .append(thread.getState())
                    .append('\n');
            for (StackTraceElement frame : frames) {
                threads.append("    ").append(frame).append('\n');
            }
        });
        return threads.toString();
    }
}
