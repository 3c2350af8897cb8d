package io.portcullis.edge;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * A server span for each request (OpenTelemetry's semantic conventions for HTTP), which continues the client's trace (W3C
 * Trace Context). Of the request it says the method, the route and the status, and nothing else: a path may hold a token, and
 * a query anything.
 */
public final class TraceFilter implements WebFilter, Ordered {
    /** The exchange's attribute with the {@link Context} of its span. */
    static final String CONTEXT = TraceFilter.class.getName() + ".context";

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

    private final Tracer tracer;
    private final ApplicationContext context;

    /** The filter of this context's server. */
    public TraceFilter(OpenTelemetry telemetry, ApplicationContext context) {
        this.tracer = telemetry.getTracer("io.portcullis");
        this.context = context;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        // the management server has a context of its own, and the filters of this one
        if (!context.equals(exchange.getApplicationContext())) {
            return chain.filter(exchange);
        }
        return Mono.defer(() -> {
            Span span = start(exchange);
            Context traced = Context.root().with(span);
            exchange.getAttributes().put(CONTEXT, traced);
            return chain.filter(exchange)
                    .doOnError(e -> span.setAttribute("error.type", e.getClass().getName()))
                    .doFinally(signal -> end(span, exchange, signal))
                    .contextWrite(context -> context.put(Context.class, traced));
        });
    }

    private Span start(ServerWebExchange exchange) {
        Context client = W3CTraceContextPropagator.getInstance()
                .extract(Context.root(), exchange.getRequest().getHeaders(), TraceHeaders.GETTER);
        String method = method(exchange);
        return tracer.spanBuilder(method)
                .setParent(client)
                .setSpanKind(SpanKind.SERVER)
                .setAttribute("http.request.method", method)
                .startSpan();
    }

    /** A closed set of words, whatever a client writes. */
    static String method(ServerWebExchange exchange) {
        String method = exchange.getRequest().getMethod().name();
        return METHODS.contains(method) ? method : "_OTHER";
    }

    private static void end(Span span, ServerWebExchange exchange, SignalType signal) {
        if (span.isRecording()) {
            String pattern = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_PREDICATE_MATCHED_PATH_ATTR);
            if (pattern != null) {
                span.updateName(method(exchange) + " " + pattern);
                span.setAttribute("http.route", pattern);
            }
            Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
            if (route != null) {
                span.setAttribute("portcullis.route", route.getId());
            }
            status(span, exchange.getResponse().getStatusCode(), signal);
        }
        span.end();
    }

    private static void status(Span span, @Nullable HttpStatusCode status, SignalType signal) {
        if (signal == SignalType.CANCEL) {
            span.setAttribute("error.type", "cancelled");
            span.setStatus(StatusCode.ERROR);
        } else if (status != null) {
            span.setAttribute("http.response.status_code", status.value());
            if (status.is5xxServerError()) {
                span.setStatus(StatusCode.ERROR);
            }
        } else if (signal == SignalType.ON_ERROR) {
            span.setStatus(StatusCode.ERROR);
        }
    }
}
