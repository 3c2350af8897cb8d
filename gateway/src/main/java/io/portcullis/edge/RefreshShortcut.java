package io.portcullis.edge;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.portcullis.limit.Admission;
import io.portcullis.limit.Admission.TooMany;
import io.portcullis.limit.Traffic;
import io.portcullis.operations.RoutedRequests;
import java.util.Map;
import java.util.Objects;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.FutureMono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;

/**
 * Answers a refresh on its connection, past Spring's exchange, filters and routing, which cost as much as all that is decided.
 * It takes what nearly all clients send: the path as it is written, a body of a known length within the limit, nothing that asks
 * for more than an answer. Of such a request the filters and guards that are passed by would say nothing, but for those that are asked
 * here too ({@link OverloadGuard}, {@link ConnectionDrain}, {@link CorsFilter}); everything else goes their way.
 */
public final class RefreshShortcut {
    private static final Logger log = LoggerFactory.getLogger(RefreshShortcut.class);

    private final Map<String, RoutedRequests> paths;
    private final int bodyLimit;
    private final RefreshEndpoint endpoint;
    private final OverloadGuard overload;
    private final Ends ends;

    /** What is asked on the way to an answer's end, and on the way from a request's beginning. */
    public record Ends(ClientAddress clients, RefreshLimits limits, CorsFilter cors, ConnectionDrain drain) {}

    /**
     * The shortcut to an endpoint.
     *
     * @param paths those for which nothing else could happen, and who counts their requests
     * @param bodyLimit bytes
     */
    public RefreshShortcut(
            Map<String, RoutedRequests> paths,
            int bodyLimit,
            RefreshEndpoint endpoint,
            OverloadGuard overload,
            Ends ends) {
        this.paths = Map.copyOf(paths);
        this.bodyLimit = bodyLimit;
        this.endpoint = endpoint;
        this.overload = overload;
        this.ends = ends;
    }

    /** In front of what a server has otherwise. */
    public HttpServerRoutes addTo(HttpServerRoutes routes) {
        return routes.route(this::isTaken, this::answer);
    }

    private boolean isTaken(HttpServerRequest request) {
        return request instanceof Connection
                && request.method().equals(HttpMethod.POST)
                && paths.containsKey(request.uri())
                && !request.version().equals(HttpVersion.HTTP_1_0)
                && isPlain(request.requestHeaders());
    }

    private boolean isPlain(HttpHeaders headers) {
        return !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                && !headers.contains(HttpHeaderNames.EXPECT)
                && !headers.contains(HttpHeaderNames.UPGRADE)
                && isOne(headers, HttpHeaderNames.HOST)
                // Spring refuses what is in brackets and is no address
                && headers.get(HttpHeaderNames.HOST).indexOf('[') < 0
                && isOne(headers, HttpHeaderNames.CONTENT_LENGTH)
                && isWithinLimit(headers.get(HttpHeaderNames.CONTENT_LENGTH));
    }

    private static boolean isOne(HttpHeaders headers, CharSequence name) {
        var values = headers.valueCharSequenceIterator(name);
        if (!values.hasNext()) {
            return false;
        }
        values.next();
        return !values.hasNext();
    }

    /** The codec has seen to it that it is a number. */
    private boolean isWithinLimit(String length) {
        try {
            return Long.parseLong(length) <= bodyLimit;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        DirectRefresh call =
                new DirectRefresh(request, response, Objects.requireNonNull(paths.get(request.uri())), ends);
        return Mono.defer(() -> handle(call)).onErrorResume(e -> failed(call, e));
    }

    private Mono<Void> handle(DirectRefresh call) {
        Admission admission = ends.limits().ofClient(call.client());
        if (overload.admits(call.connection(), Traffic.REFRESH, admission)) {
            call.admitted();
            return endpoint.handle(call, admission);
        }
        return admission instanceof TooMany tooMany ? call.refuse(tooMany) : call.answer(JsonAnswer.unavailable());
    }

    private static Mono<Void> failed(DirectRefresh call, Throwable e) {
        boolean hasClient = call.connection().isActive() && !(e instanceof AbortedException);
        log.atLevel(hasClient ? Level.ERROR : Level.DEBUG).setCause(e).log("A refresh failed");
        if (call.isAnswered() || !hasClient) {
            // an answer that just stopped could be taken for whole
            return FutureMono.from(call.connection().close());
        }
        return call.answer(JsonAnswer.failed());
    }
}
