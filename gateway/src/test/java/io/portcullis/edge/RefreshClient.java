package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.portcullis.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** A client's HTTP stack, with its own habits; each keeps its connection, if it keeps connections at all. */
interface RefreshClient {
    /** What came back; a status of 0 means that the stack threw. */
    record Answer(int status, String body) {
        static final Answer NONE = new Answer(0, "");
    }

    /** The stacks that are tried. */
    enum Stack {
        OK_HTTP,
        JDK,
        RAW;

        RefreshClient connect(int port) {
            return switch (this) {
                case OK_HTTP -> new OkHttp(port, status -> {});
                case JDK -> new Jdk(port);
                case RAW -> new Raw(port);
            };
        }
    }

    Answer refresh(String token);

    private static String json(String token) {
        return "{\"refreshToken\":\"" + token + "\"}";
    }

    private static String uri(int port) {
        return "http://127.0.0.1:" + port + "/api/auth/refresh";
    }

    /** OkHttp as it comes: it sends a request again by itself. */
    final class OkHttp implements RefreshClient {
        private final int port;
        private final OkHttpClient client;
        private final List<Integer> statuses = new ArrayList<>();

        /** @param seen is told each status before OkHttp decides what to do about it */
        OkHttp(int port, Consumer<Integer> seen) {
            this.port = port;
            client = new OkHttpClient.Builder()
                    .addNetworkInterceptor(chain -> {
                        Response response = chain.proceed(chain.request());
                        statuses.add(response.code());
                        seen.accept(response.code());
                        return response;
                    })
                    .build();
        }

        /** Of all answers that reached OkHttp, those among them that its caller never saw. */
        List<Integer> statuses() {
            return statuses;
        }

        @Override
        public Answer refresh(String token) {
            Request request = new Request.Builder()
                    .url(uri(port))
                    .post(RequestBody.create(json(token), MediaType.get("application/json")))
                    .build();
            try (Response response = client.newCall(request).execute()) {
                return new Answer(response.code(), response.body().string());
            } catch (IOException e) {
                return Answer.NONE;
            }
        }
    }

    /** {@code java.net.http}. */
    final class Jdk implements RefreshClient {
        private final int port;
        private final HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

        Jdk(int port) {
            this.port = port;
        }

        @Override
        public Answer refresh(String token) {
            try {
                HttpResponse<String> response = client.send(
                        HttpRequest.newBuilder(URI.create(uri(port)))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(json(token)))
                                .build(),
                        BodyHandlers.ofString());
                return new Answer(response.statusCode(), response.body());
            } catch (IOException e) {
                return Answer.NONE;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** A socket for each request. */
    final class Raw implements RefreshClient {
        private static final Pattern COMPLETE = Pattern.compile(
                "HTTP/1.1 (\\d+) .*\r\ncontent-length: (\\d+)\r\n.*\r\n\r\n(.*)",
                Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

        private final int port;

        Raw(int port) {
            this.port = port;
        }

        @Override
        public Answer refresh(String token) {
            try {
                String answer = RawClient.send(port, request(token));
                Matcher complete = COMPLETE.matcher(answer);
                return complete.matches()
                                && Integer.parseInt(complete.group(2))
                                        == complete.group(3).length()
                        ? new Answer(Integer.parseInt(complete.group(1)), complete.group(3))
                        : Answer.NONE;
            } catch (UncheckedIOException e) {
                return Answer.NONE;
            }
        }

        static String request(String token) {
            String json = json(token);
            return "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + json.getBytes(US_ASCII).length + "\r\n\r\n"
                    + json;
        }
    }
}
