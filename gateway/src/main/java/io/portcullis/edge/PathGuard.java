package io.portcullis.edge;

import io.portcullis.edge.CanonicalPath.Likeness;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Keeps look-alikes of a protected path from the backends.
 * The route of a protected path matches that path to the byte; whatever else a backend might take for it
 * ({@code //api/auth/refresh}, {@code /api/auth/%72efresh;x}) would miss the route and be forwarded by another. So it is
 * answered here: 404, and 400 for a target whose meaning cannot be told.
 */
public final class PathGuard implements RequestGuard {
    private final Set<String> protectedPaths;
    private final List<CanonicalPath> canonicalPaths;
    private final Set<String> canonicalTexts;

    /**
     * Guards these paths.
     *
     * @param protectedPaths exact paths such as {@code /api/auth/refresh}: unreserved characters (RFC 3986, 2.3) only, no
     *     slash at the end
     */
    public PathGuard(Set<String> protectedPaths) {
        this.protectedPaths = Set.copyOf(protectedPaths);
        this.canonicalPaths = protectedPaths.stream().map(CanonicalPath::of).toList();
        this.canonicalTexts =
                canonicalPaths.stream().map(CanonicalPath::toString).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public @Nullable Mono<Void> refusal(ServerWebExchange exchange) {
        return switch (likeness(exchange.getRequest())) {
            case UNLIKE -> null;
            case ALIKE -> JsonAnswer.error(HttpStatus.NOT_FOUND, "Not found").to(exchange);
            case UNDECIDABLE ->
                JsonAnswer.error(HttpStatus.BAD_REQUEST, "Bad request").to(exchange);
        };
    }

    private Likeness likeness(ServerHttpRequest request) {
        URI uri = request.getURI();
        if (uri.getRawFragment() != null) {
            // No request target has one (RFC 9112, 3.2). After an empty path Spring Cloud Gateway and the reactor-netty
            // client make it a part of the backend's host name: http://h#.evil.example picks the backend.
            return Likeness.UNDECIDABLE;
        }
        // what routes match on, and what the backend's URI is built from
        String path = uri.getRawPath();
        if (ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest wire
                && !isPathOf(wire.uri(), path)) {
            String pathOnWire = pathOf(wire.uri());
            if (!pathOnWire.equals(path)) {
                Likeness onWire = CanonicalPath.likeness(pathOnWire, canonicalPaths);
                return onWire == Likeness.UNLIKE ? CanonicalPath.likeness(path, canonicalPaths) : onWire;
            }
        }
        if (protectedPaths.contains(path)) {
            return Likeness.UNLIKE;
        }
        if (CanonicalPath.isPlain(path)) {
            return canonicalTexts.contains(path) ? Likeness.ALIKE : Likeness.UNLIKE;
        }
        return CanonicalPath.likeness(path, canonicalPaths);
    }

    private static boolean isPathOf(String target, String path) {
        return target.startsWith(path) && (target.length() == path.length() || target.charAt(path.length()) == '?');
    }

    /** The path of a request target (RFC 9112, 3.2); its absolute form begins with a scheme and an authority. */
    private static String pathOf(String target) {
        int scheme = target.indexOf("://");
        boolean absolute = scheme >= 0 && scheme < indexOfAny("/?", target, 0);
        int start = absolute ? indexOfAny("/?", target, scheme + "://".length()) : 0;
        return target.substring(start, indexOfAny("?", target, start));
    }

    private static int indexOfAny(String delimiters, String text, int from) {
        int at = from;
        while (at < text.length() && delimiters.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }
}
