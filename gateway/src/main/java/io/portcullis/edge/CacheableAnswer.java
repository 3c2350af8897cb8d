package io.portcullis.edge;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** An answer that is the same for everybody and may be kept: 200 with it, or 304 for who has it (RFC 9110, 13.1.2). */
final class CacheableAnswer {
    private final MediaType type;
    private final byte[] content;
    private final CacheControl cache;
    private final String etag;

    private CacheableAnswer(MediaType type, byte[] content, CacheControl cache) {
        this.type = type;
        this.content = content;
        this.cache = cache;
        this.etag = '"' + sha256(content) + '"';
    }

    static CacheableAnswer of(MediaType type, byte[] content, CacheControl cache) {
        return new CacheableAnswer(type, content, cache);
    }

    Mono<Void> send(ServerWebExchange exchange) {
        ServerHttpResponse response = exchange.getResponse();
        response.getHeaders().setCacheControl(cache);
        if (exchange.checkNotModified(etag)) {
            return response.setComplete();
        }
        response.setStatusCode(HttpStatus.OK);
        response.getHeaders().setContentType(type);
        response.getHeaders().setContentLength(content.length);
        return response.writeWith(Mono.just(response.bufferFactory().wrap(content)));
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }
}
