package io.portcullis.edge;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.net.URI;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.http.client.HttpClientResponse;

/**
 * A client span for each request that goes to a backend (OpenTelemetry's semantic conventions for HTTP), below that of
 * {@link TraceFilter}, until the head of its answer is there. One that is sent again is a span again. It says the method, the
 * backend and the status, and nothing of the target or the headers. Not part of a gateway that traces nothing.
 */
public final class BackendSpan implements GlobalFilter, Ordered {
    /** The exchange's attribute with the {@link Context} of its span. */
    static final String CONTEXT = BackendSpan.class.getName() + ".context";

    private final Tracer tracer;

    public BackendSpan(OpenTelemetry telemetry) {
        this.tracer = telemetry.getTracer("io.portcullis");
    }

    /** Behind {@link SecondAttempt}, before the one that sends. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE - 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Context traced = exchange.getAttribute(TraceFilter.CONTEXT);
        if (traced == null || ServerWebExchangeUtils.isAlreadyRouted(exchange)) {
            return chain.filter(exchange);
        }
        return Mono.defer(() -> {
            Span span = start(exchange, traced);
            exchange.getAttributes().put(CONTEXT, traced.with(span));
            return chain.filter(exchange)
                    .doOnError(e -> span.setAttribute("error.type", e.getClass().getName()))
                    .doFinally(signal -> end(span, exchange, signal));
        });
    }

    private Span start(ServerWebExchange exchange, Context traced) {
        String method = TraceFilter.method(exchange);
        Span span = tracer.spanBuilder(method)
                .setParent(traced)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute("http.request.method", method)
                .startSpan();
        URI target = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        if (span.isRecording() && target != null && target.getHost() != null) {
            span.setAttribute("server.address", target.getHost());
            if (target.getPort() > 0) {
                span.setAttribute("server.port", target.getPort());
            }
        }
        return span;
    }

    private static void end(Span span, ServerWebExchange exchange, SignalType signal) {
        HttpClientResponse answer = exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR);
        if (signal == SignalType.ON_COMPLETE && answer != null) {
            status(span, answer.status().code());
        } else {
            span.setStatus(StatusCode.ERROR);
        }
        if (signal == SignalType.CANCEL) {
            span.setAttribute("error.type", "cancelled");
        }
        span.end();
    }

    private static void status(Span span, int status) {
        span.setAttribute("http.response.status_code", status);
        if (status >= 400) {
            span.setAttribute("error.type", Integer.toString(status));
            span.setStatus(StatusCode.ERROR);
        }
    }
}
