package io.portcullis.edge;

import io.portcullis.edge.BackendAnswer.Exchanged;
import io.portcullis.edge.BackendAnswer.Refusal;
import io.portcullis.limit.Admission.TooMany;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.core.io.JsonStringEncoder;

/** An answer that the gateway gives itself. Every one that has a body is JSON, and none is stored. */
final class JsonAnswer {
    static final String JSON = MediaType.APPLICATION_JSON_VALUE;
    static final String NO_STORE = "no-store";

    private final HttpStatusCode status;
    private final HttpHeaders others;
    private final byte @Nullable [] body;

    private JsonAnswer(HttpStatusCode status, HttpHeaders others, byte @Nullable [] body) {
        this.status = status;
        this.others = others;
        this.body = body;
    }

    private static JsonAnswer of(HttpStatusCode status, HttpHeaders others, String json) {
        return new JsonAnswer(status, others, json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * New tokens: these four members and no others, since clients refuse more.
     *
     * @param expiresIn the access token's life in seconds
     */
    static JsonAnswer tokens(String accessToken, String refreshToken, long expiresIn) {
        // base64url and dots need no escaping
        String body = "{\"message\":\"Token refreshed successfully\",\"token\":\"" + accessToken
                + "\",\"refreshToken\":\"" + refreshToken + "\",\"expiresIn\":" + expiresIn + "}";
        return of(HttpStatus.OK, HttpHeaders.EMPTY, body);
    }

    /** The token is missing. */
    static JsonAnswer incomplete() {
        return error(HttpStatus.BAD_REQUEST, "Refresh token is required");
    }

    /** The token gives nothing; the client is not told why. */
    static JsonAnswer refused() {
        return error(HttpStatus.UNAUTHORIZED, "Invalid or expired refresh token");
    }

    /** The token is a backend's, and gives nothing: what the backend said. */
    static JsonAnswer refusedByBackend(Refusal refusal) {
        return of(HttpStatusCode.valueOf(refusal.status()), refusal.limits(), refusal.json());
    }

    /** The backends exchanged their own token. */
    static JsonAnswer answeredByBackend(Exchanged answer) {
        return of(HttpStatusCode.valueOf(answer.status()), HttpHeaders.EMPTY, answer.json());
    }

    /**
     * What may be done here, without a body.
     *
     * @param allowed a list of methods (RFC 9110, 10.2.1)
     */
    static JsonAnswer options(String allowed) {
        return new JsonAnswer(HttpStatus.NO_CONTENT, header(HttpHeaders.ALLOW, allowed), null);
    }

    static JsonAnswer methodNotAllowed(String allowed) {
        return error(HttpStatus.METHOD_NOT_ALLOWED, header(HttpHeaders.ALLOW, allowed), "Method not allowed");
    }

    /** The rest of the request is not read: the connection ends with the answer. */
    static JsonAnswer tooLarge() {
        return last(HttpStatus.CONTENT_TOO_LARGE, "Request body is too large");
    }

    /** The request did not arrive in time: the connection ends with the answer. */
    static JsonAnswer tooSlow() {
        return last(HttpStatus.REQUEST_TIMEOUT, "Request body did not arrive in time");
    }

    /** The headers are those of draft-ietf-httpapi-ratelimit-headers-06, as express-rate-limit sends them. */
    static JsonAnswer limited(TooMany tooMany) {
        String seconds = Integer.toString(tooMany.retryAfter());
        HttpHeaders headers = header(HttpHeaders.RETRY_AFTER, seconds);
        headers.set("RateLimit-Limit", Integer.toString(tooMany.limit()));
        headers.set("RateLimit-Remaining", "0");
        headers.set("RateLimit-Reset", seconds);
        String body = "{\"error\":\"Too many requests, please try again later.\",\"retryAfter\":" + seconds + "}";
        return of(HttpStatus.TOO_MANY_REQUESTS, headers, body);
    }

    /**
     * The store or a backend cannot answer.
     *
     * @param retryAfter seconds, never 0: a client takes 0 as leave to send the same request again at once
     */
    static JsonAnswer unavailable(int retryAfter) {
        return error(
                HttpStatus.SERVICE_UNAVAILABLE,
                header(HttpHeaders.RETRY_AFTER, Integer.toString(retryAfter)),
                "Service temporarily unavailable, please try again");
    }

    /** The gateway cannot answer now. Clients are to come back at different times. */
    static JsonAnswer unavailable() {
        return unavailable(ThreadLocalRandom.current().nextInt(1, 4));
    }

    /** The gateway failed. */
    static JsonAnswer failed() {
        return error(HttpStatus.INTERNAL_SERVER_ERROR, "Internal server error");
    }

    static JsonAnswer error(HttpStatus status, String error) {
        return error(status, HttpHeaders.EMPTY, error);
    }

    /** One after which the connection ends. */
    static JsonAnswer last(HttpStatus status, String error) {
        return error(status, header(HttpHeaders.CONNECTION, "close"), error);
    }

    private static JsonAnswer error(HttpStatus status, HttpHeaders others, String error) {
        StringBuilder json = new StringBuilder("{\"error\":\"");
        JsonStringEncoder.getInstance().quoteAsString(error, json);
        return of(status, others, json.append("\"}").toString());
    }

    private static HttpHeaders header(String name, String value) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(name, value);
        return headers;
    }

    HttpStatusCode status() {
        return status;
    }

    /** Those beside the body's type and length, and that it is not to be stored. */
    HttpHeaders others() {
        return others;
    }

    /** JSON in UTF-8; null if there is none. */
    byte @Nullable [] body() {
        return body;
    }

    /** Writes it as the exchange's. */
    Mono<Void> to(ServerWebExchange exchange) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(status);
        HttpHeaders headers = response.getHeaders();
        headers.putAll(others);
        headers.set(HttpHeaders.CACHE_CONTROL, NO_STORE);
        if (body == null) {
            return response.setComplete();
        }
        headers.set(HttpHeaders.CONTENT_TYPE, JSON);
        headers.setContentLength(body.length);
        DataBuffer buffer = response.bufferFactory().wrap(body);
        return response.writeWith(Mono.just(buffer));
    }
}
