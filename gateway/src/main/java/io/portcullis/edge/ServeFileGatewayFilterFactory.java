package io.portcullis.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;

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
        CacheableAnswer answer = CacheableAnswer.of(
                MediaType.parseMediaType(config.getContentType()), read(Path.of(config.getFile())), CACHE);
        return (exchange, chain) -> answer.send(exchange);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            // no cause: the most specific message is the one that a deployer is shown
            throw new IllegalArgumentException("ServeFile: " + file.toAbsolutePath() + " cannot be read: " + e);
        }
    }
}
