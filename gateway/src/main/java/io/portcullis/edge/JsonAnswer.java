package io.portcullis.edge;

import io.portcullis.edge.BackendAnswer.Exchanged;
import io.portcullis.edge.BackendAnswer.Refusal;
import io.portcullis.limit.Admission.TooMany;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.core.io.JsonStringEncoder;

/** The answers that the gateway gives itself. Every one that has a body is JSON, and none is stored. */
final class JsonAnswer {
    private JsonAnswer() {}

    /**
     * New tokens: these four members and no others, since clients refuse more.
     *
     * @param expiresIn the access token's life in seconds
     */
    static Mono<Void> tokens(ServerWebExchange exchange, String accessToken, String refreshToken, long expiresIn) {
        // base64url and dots need no escaping
        String body = "{\"message\":\"Token refreshed successfully\",\"token\":\"" + accessToken
                + "\",\"refreshToken\":\"" + refreshToken + "\",\"expiresIn\":" + expiresIn + "}";
        return write(exchange, HttpStatus.OK, body);
    }

    /** The token is missing. */
    static Mono<Void> incomplete(ServerWebExchange exchange) {
        return error(exchange, HttpStatus.BAD_REQUEST, "Refresh token is required");
    }

    /** The token gives nothing; the client is not told why. */
    static Mono<Void> refused(ServerWebExchange exchange) {
        return error(exchange, HttpStatus.UNAUTHORIZED, "Invalid or expired refresh token");
    }

    /** The token is a backend's, and gives nothing: what the backend said. */
    static Mono<Void> refusedByBackend(ServerWebExchange exchange, Refusal refusal) {
        exchange.getResponse().getHeaders().addAll(refusal.limits());
        return write(exchange, HttpStatusCode.valueOf(refusal.status()), refusal.json());
    }

    /** The backends exchanged their own token. */
    static Mono<Void> answeredByBackend(ServerWebExchange exchange, Exchanged answer) {
        return write(exchange, HttpStatusCode.valueOf(answer.status()), answer.json());
    }

    /**
     * What may be done here, without a body.
     *
     * @param allowed a list of methods (RFC 9110, 10.2.1)
     */
    static Mono<Void> options(ServerWebExchange exchange, String allowed) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatus.NO_CONTENT);
        response.getHeaders().set(HttpHeaders.ALLOW, allowed);
        response.getHeaders().setCacheControl(CacheControl.noStore());
        return response.setComplete();
    }

    static Mono<Void> methodNotAllowed(ServerWebExchange exchange, String allowed) {
        exchange.getResponse().getHeaders().set(HttpHeaders.ALLOW, allowed);
        return error(exchange, HttpStatus.METHOD_NOT_ALLOWED, "Method not allowed");
    }

    /** The rest of the request is not read: the connection ends with the answer. */
    static Mono<Void> tooLarge(ServerWebExchange exchange) {
        exchange.getResponse().getHeaders().setConnection(List.of("close"));
        return error(exchange, HttpStatus.CONTENT_TOO_LARGE, "Request body is too large");
    }

    /** The request did not arrive in time: the connection ends with the answer. */
    static Mono<Void> tooSlow(ServerWebExchange exchange) {
        exchange.getResponse().getHeaders().setConnection(List.of("close"));
        return error(exchange, HttpStatus.REQUEST_TIMEOUT, "Request body did not arrive in time");
    }

    /** The headers are those of draft-ietf-httpapi-ratelimit-headers-06, as express-rate-limit sends them. */
    static Mono<Void> limited(ServerWebExchange exchange, TooMany tooMany) {
        String seconds = Integer.toString(tooMany.retryAfter());
        HttpHeaders headers = exchange.getResponse().getHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, seconds);
        headers.set("RateLimit-Limit", Integer.toString(tooMany.limit()));
        headers.set("RateLimit-Remaining", "0");
        headers.set("RateLimit-Reset", seconds);
        String body = "{\"error\":\"Too many requests, please try again later.\",\"retryAfter\":" + seconds + "}";
        return write(exchange, HttpStatus.TOO_MANY_REQUESTS, body);
    }

    /**
     * The store or a backend cannot answer.
     *
     * @param retryAfter seconds, never 0: a client takes 0 as leave to send the same request again at once
     */
    static Mono<Void> unavailable(ServerWebExchange exchange, int retryAfter) {
        exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, Integer.toString(retryAfter));
        return error(exchange, HttpStatus.SERVICE_UNAVAILABLE, "Service temporarily unavailable, please try again");
    }

    /** The gateway cannot answer now. Clients are to come back at different times. */
    static Mono<Void> unavailable(ServerWebExchange exchange) {
        return unavailable(exchange, ThreadLocalRandom.current().nextInt(1, 4));
    }

    static Mono<Void> error(ServerWebExchange exchange, HttpStatus status, String error) {
        StringBuilder json = new StringBuilder("{\"error\":\"");
        JsonStringEncoder.getInstance().quoteAsString(error, json);
        return write(exchange, status, json.append("\"}").toString());
    }

    private static Mono<Void> write(ServerWebExchange exchange, HttpStatusCode status, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(status);
        response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
        response.getHeaders().setCacheControl(CacheControl.noStore());
        response.getHeaders().setContentLength(body.length);
        DataBuffer buffer = response.bufferFactory().wrap(body);
        return response.writeWith(Mono.just(buffer));
    }
}
