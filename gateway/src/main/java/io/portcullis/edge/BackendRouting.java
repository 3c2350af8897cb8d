package io.portcullis.edge;

import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;
import java.time.Duration;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.cloud.gateway.support.TimeoutException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.util.StringUtils;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.DisposableChannel;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Sends requests to backends, in place of Spring Cloud Gateway's filter and with its clients, time-outs, attributes and filters of
 * headers. What that one does for nothing here is left out: four copies of all headers, a client that is made anew for each
 * request, and a look at the body of a request that has none.
 */
public final class BackendRouting extends NettyRoutingFilter {
    private final HttpClient client;
    private final HttpClientProperties properties;
    private final HeadersFilters filters;

    public BackendRouting(
            HttpClient client, ObjectProvider<List<HttpHeadersFilter>> filters, HttpClientProperties properties) {
        super(client, filters, properties);
        this.client = client;
        this.properties = properties;
        this.filters = new HeadersFilters(filters);
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        URI url = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        if (ServerWebExchangeUtils.isAlreadyRouted(exchange) || !isHttp(url.getScheme())) {
            return chain.filter(exchange);
        }
        ServerWebExchangeUtils.setAlreadyRouted(exchange);
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        BackendRequest request = new BackendRequest(exchange, filters.filterRequest(exchange));
        Flux<Void> answer = to(url, getHttpClient(route, exchange).request(HttpMethod.valueOf(request.method())))
                .send(request::send)
                // empty: of a value that is thrown away Reactor would ask the whole context whether somebody wants it
                .responseConnection(
                        (head, connection) -> Mono.<Void>fromRunnable(() -> take(head, connection, exchange)))
                // one that comes when nobody waits for it any more
                .doOnDiscard(Connection.class, DisposableChannel::dispose);
        return inTime(answer, timeout(route)).then(chain.filter(exchange));
    }

    /**
     * By its parts. As text, which reactor-netty takes apart by a regular expression, only where a {@link URI} finds no host, such as
     * one with an underscore, or has other characters than ASCII's.
     */
    static HttpClient.RequestSender to(URI url, HttpClient.RequestSender sender) {
        String text = url.toASCIIString();
        return url.getHost() != null && text.equals(url.toString()) ? sender.uri(url) : sender.uri(text);
    }

    private static boolean isHttp(String scheme) {
        return "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
    }

    @Override
    protected HttpClient getHttpClient(Route route, ServerWebExchange exchange) {
        return route.getMetadata().containsKey(RouteMetadataUtils.CONNECT_TIMEOUT_ATTR)
                ? super.getHttpClient(route, exchange)
                : client;
    }

    /** Null for as long as it takes: a route's that is negative, or none anywhere. The start has checked that it is a number. */
    private @Nullable Duration timeout(Route route) {
        Object ofRoute = route.getMetadata().get(RouteMetadataUtils.RESPONSE_TIMEOUT_ATTR);
        if (ofRoute == null) {
            return properties.getResponseTimeout();
        }
        long millis = ofRoute instanceof Number number ? number.longValue() : Long.parseLong(ofRoute.toString());
        return millis < 0 ? null : Duration.ofMillis(millis);
    }

    private static Flux<Void> inTime(Flux<Void> answer, @Nullable Duration timeout) {
        if (timeout == null) {
            return answer;
        }
        String tooLong = "Response took longer than timeout: " + timeout;
        return answer.timeout(timeout, Mono.error(() -> new TimeoutException(tooLong)))
                .onErrorMap(
                        TimeoutException.class,
                        e -> new ResponseStatusException(HttpStatus.GATEWAY_TIMEOUT, e.getMessage(), e));
    }

    /** The answer is written once all filters have seen its head. */
    private void take(HttpClientResponse head, Connection connection, ServerWebExchange exchange) {
        exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR, head);
        exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR, connection);
        String type = head.responseHeaders().get(HttpHeaders.CONTENT_TYPE);
        if (StringUtils.hasLength(type)) {
            exchange.getAttributes().put(ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, type);
        }
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(head.status().code()));
        HttpHeaders headers = new WritableHeaders();
        head.responseHeaders().forEach(header -> headers.add(header.getKey(), header.getValue()));
        HttpHeaders passed = filters.filterResponse(headers, exchange);
        if (!response.isCommitted()) {
            // what is to be taken back where the answer turns out to be none
            exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES, new NamesOf(passed));
            response.getHeaders().addAll(passed);
        }
    }

    /** Their names, gathered by who asks: it is mostly nobody. */
    private static final class NamesOf extends AbstractSet<String> {
        private final HttpHeaders headers;

        private NamesOf(HttpHeaders headers) {
            this.headers = headers;
        }

        @Override
        public Iterator<String> iterator() {
            return headers.headerNames().iterator();
        }

        @Override
        public int size() {
            return headers.size();
        }
    }
}
