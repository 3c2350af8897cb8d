package io.portcullis.edge;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * {@code traceparent} and {@code tracestate} (W3C Trace Context) of a forwarded request: those of the gateway's own span for it in
 * the client's trace. Not part of a gateway that traces nothing, where the client's pass as they are.
 */
public final class TraceHeaders implements HttpHeadersFilter, Ordered {
    static final TextMapGetter<HttpHeaders> GETTER = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(HttpHeaders headers) {
            return headers.headerNames();
        }

        @Override
        public @Nullable String get(@Nullable HttpHeaders headers, String name) {
            return headers == null ? null : headers.getFirst(name);
        }
    };

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        Context ofCall = exchange.getAttribute(BackendSpan.CONTEXT);
        Context traced = ofCall == null ? exchange.getAttribute(TraceFilter.CONTEXT) : ofCall;
        if (traced == null) {
            return input;
        }
        HttpHeaders headers = WritableHeaders.of(input, exchange);
        // it belongs to the traceparent that it came with, if that was one
        headers.remove("tracestate");
        W3CTraceContextPropagator.getInstance().inject(traced, headers, (to, name, value) -> {
            if (to != null) {
                to.set(name, value);
            }
        });
        return headers;
    }
}
