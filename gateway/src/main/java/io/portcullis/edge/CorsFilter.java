package io.portcullis.edge;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.cors.reactive.DefaultCorsProcessor;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * CORS (Fetch, 3.2) in one place, where it is configured: preflights are answered here, and whoever gives an answer,
 * this gateway or a backend, what it says of CORS is what the configuration says and nothing else. Where it is not
 * configured, nothing happens here.
 *
 * <p>Unlike Spring's {@code CorsWebFilter} it refuses no request but a preflight: a page that must not read an answer
 * is kept from it by its browser, and others than browsers send {@code Origin} too.
 */
public final class CorsFilter implements WebFilter, Ordered {
    /** In front of all that answers. */
    static final int ORDER = Ordered.HIGHEST_PRECEDENCE;

    private static final String OF_CORS = "access-control-";

    private final @Nullable CorsConfiguration cors;
    private final ApplicationContext context;
    private final DefaultCorsProcessor preflights = new DefaultCorsProcessor();

    /**
     * The filter of this context's server.
     *
     * @param cors null if CORS is the backends' business
     */
    public CorsFilter(@Nullable CorsConfiguration cors, ApplicationContext context) {
        this.cors = cors;
        this.context = context;
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        CorsConfiguration configured = cors;
        // the management server has a context of its own, and the filters of this one
        if (configured == null || !context.equals(exchange.getApplicationContext())) {
            return chain.filter(exchange);
        }
        if (CorsUtils.isPreFlightRequest(exchange.getRequest())) {
            if (preflights.process(configured, exchange)) {
                exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
            }
            return exchange.getResponse().setComplete();
        }
        HttpHeaders asked = exchange.getRequest().getHeaders();
        exchange.getResponse()
                .beforeCommit(() -> Mono.fromRunnable(() -> say(asked, exchange.getResponse()::getHeaders)));
        return chain.filter(exchange);
    }

    /** Has an answer say of CORS what is configured; where it is not, nothing is changed. */
    void say(HttpHeaders asked, Supplier<HttpHeaders> answered) {
        if (cors != null) {
            say(cors, asked, answered.get());
        }
    }

    private static void say(CorsConfiguration cors, HttpHeaders asked, HttpHeaders headers) {
        List.copyOf(headers.headerNames()).stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).startsWith(OF_CORS))
                .forEach(headers::remove);
        boolean anyOrigin =
                cors.getAllowedOrigins() != null && cors.getAllowedOrigins().contains(CorsConfiguration.ALL);
        String allowed = anyOrigin ? CorsConfiguration.ALL : cors.checkOrigin(asked.getOrigin());
        if (!anyOrigin) {
            addVary(headers);
        }
        if (allowed == null) {
            return;
        }
        headers.setAccessControlAllowOrigin(allowed);
        if (cors.getExposedHeaders() != null && !cors.getExposedHeaders().isEmpty()) {
            headers.setAccessControlExposeHeaders(cors.getExposedHeaders());
        }
        if (Boolean.TRUE.equals(cors.getAllowCredentials())) {
            headers.setAccessControlAllowCredentials(true);
        }
    }

    private static void addVary(HttpHeaders headers) {
        boolean said =
                headers.getVary().stream().anyMatch(field -> field.equals("*") || field.equalsIgnoreCase("origin"));
        if (!said) {
            headers.add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        }
    }
}
