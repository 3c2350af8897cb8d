package io.portcullis.edge;

import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.client.HttpClient;

/**
 * Keeps a request without {@code User-Agent} or {@code Accept} without them: reactor-netty's client would add its own. The
 * filter marks what the client did not send, and the customized client takes the mark off again.
 */
public final class AbsentHeaders implements HttpHeadersFilter, HttpClientCustomizer, Ordered {
    private static final String[] NAMES = {HttpHeaders.USER_AGENT, HttpHeaders.ACCEPT};
    private static final String MARK = "portcullis-absent";

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
        HttpHeaders headers = WritableHeaders.of(input, exchange);
        for (String name : NAMES) {
            if (headers.getFirst(name) == null) {
                headers.set(name, MARK);
            }
        }
        return headers;
    }

    @Override
    public HttpClient customize(HttpClient client) {
        return client.doOnRequest((request, connection) -> {
            for (String name : NAMES) {
                if (MARK.equals(request.requestHeaders().get(name))) {
                    request.requestHeaders().remove(name);
                }
            }
        });
    }
}
