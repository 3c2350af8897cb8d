package io.portcullis.edge;

import io.netty.buffer.Unpooled;
import io.portcullis.edge.BackendAnswer.Exchanged;
import io.portcullis.edge.BackendAnswer.Nothing;
import io.portcullis.edge.BackendAnswer.Refusal;
import io.portcullis.token.JsonMembers;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import tools.jackson.core.JacksonException;

/**
 * The backends' own refresh endpoint: gets a client's request as the client sent it and as any backend would get it, and
 * not through the routes, where no spelling of that path passes. A request is sent once, on a connection of its own.
 */
public final class BackendRefresh {
    private final HttpClient client;
    private final List<HttpHeadersFilter> headersFilters;
    private final URI uri;
    private final Duration timeout;
    private final int bodyLimit;

    /**
     * The endpoint.
     *
     * @param client with a bounded number of connections
     * @param headersFilters what is done to the headers of every forwarded request
     * @param timeout how long an answer may take, waiting for a connection included
     * @param bodyLimit the largest answer, in bytes
     */
    public BackendRefresh(
            HttpClient client, List<HttpHeadersFilter> headersFilters, URI uri, Duration timeout, int bodyLimit) {
        this.client = client.disableRetry(true).keepAlive(false);
        this.headersFilters = List.copyOf(headersFilters);
        this.uri = uri;
        this.timeout = timeout;
        this.bodyLimit = bodyLimit;
    }

    /** Sends the request when it is subscribed to; never errors. What is sent of the client is read at once. */
    Mono<BackendAnswer> send(ClientRequest request) {
        HttpHeaders headers = headers(request.exchange(), request.body());
        String host = headers.getFirst(HttpHeaders.HOST);
        return client.post()
                .uri(uri)
                .send((sent, outbound) -> {
                    BackendRequest.write(headers, host, sent.requestHeaders());
                    return outbound.send(Mono.fromSupplier(
                            () -> Unpooled.wrappedBuffer(request.body().duplicate())));
                })
                .response((response, content) -> DataBufferUtils.join(
                                content.asByteArray().map(DefaultDataBufferFactory.sharedInstance::wrap), bodyLimit)
                        .map(body -> body.toString(StandardCharsets.UTF_8))
                        .defaultIfEmpty("")
                        .map(body -> answer(response, body)))
                .single()
                .timeout(timeout)
                // whatever kept the answer from coming, nobody knows what became of the token
                .onErrorResume(
                        Exception.class, e -> Mono.just(new Nothing(e.getClass().getSimpleName())));
    }

    private HttpHeaders headers(ServerWebExchange exchange, ByteBuffer body) {
        HttpHeaders headers = new HttpHeaders();
        headers.addAll(HttpHeadersFilter.filterRequest(headersFilters, exchange));
        headers.remove(HttpHeaders.HOST);
        String host = exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST);
        boolean preserve = exchange.getAttributeOrDefault(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false);
        if (preserve && host != null) {
            headers.set(HttpHeaders.HOST, host);
        }
        headers.remove(HttpHeaders.EXPECT);
        headers.set(HttpHeaders.ACCEPT_ENCODING, "identity");
        headers.setContentLength(body.remaining());
        return headers;
    }

    private static BackendAnswer answer(HttpClientResponse response, String body) {
        HttpStatusCode status = HttpStatusCode.valueOf(response.status().code());
        JsonMembers members = members(body);
        if (status.is4xxClientError()) {
            String json = members == null ? "{\"error\":\"Refresh token was refused\"}" : body;
            return new Refusal(status.value(), limits(response), json);
        }
        String accessToken = members == null ? null : members.string("token");
        return status.is2xxSuccessful() && accessToken != null
                ? new Exchanged(status.value(), accessToken, body)
                : new Nothing("status " + status.value());
    }

    private static @Nullable JsonMembers members(String body) {
        try {
            return JsonMembers.read(body.getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            return null;
        }
    }

    private static HttpHeaders limits(HttpClientResponse response) {
        HttpHeaders limits = new HttpHeaders();
        response.responseHeaders().forEach(header -> {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.equals("retry-after") || name.startsWith("ratelimit-")) {
                limits.add(header.getKey(), header.getValue());
            }
        });
        return limits;
    }
}
