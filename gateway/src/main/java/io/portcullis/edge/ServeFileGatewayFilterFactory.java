package io.portcullis.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code ServeFile=file,content type}: the route's requests are answered with that file as it was at the start, with an
 * {@code ETag}, and go nowhere else.
 */
public final class ServeFileGatewayFilterFactory extends AbstractGatewayFilterFactory<ServedFile> {
    private static final CacheControl CACHE =
            CacheControl.maxAge(Duration.ofHours(1)).cachePublic();

    public ServeFileGatewayFilterFactory() {
        super(ServedFile.class);
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("file", "contentType");
    }

    @Override
    public GatewayFilter apply(ServedFile config) {
        byte[] content = read(Path.of(config.getFile()));
        String etag = '"' + sha256(content) + '"';
        MediaType type = MediaType.parseMediaType(config.getContentType());
        return (exchange, chain) -> answer(exchange, type, etag, content);
    }

    private static Mono<Void> answer(ServerWebExchange exchange, MediaType type, String etag, byte[] content) {
        ServerHttpResponse response = exchange.getResponse();
        response.getHeaders().setCacheControl(CACHE);
        if (exchange.checkNotModified(etag)) {
            return response.setComplete();
        }
        response.setStatusCode(HttpStatus.OK);
        response.getHeaders().setContentType(type);
        response.getHeaders().setContentLength(content.length);
        return response.writeWith(Mono.just(response.bufferFactory().wrap(content)));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            // no cause: the most specific message is the one that a deployer is shown
            throw new IllegalArgumentException("ServeFile: " + file.toAbsolutePath() + " cannot be read: " + e);
        }
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }
}
