package io.portcullis.edge;

import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/** The headers that a backend is sent, on their way through the filters. */
final class WritableHeaders {
    private WritableHeaders() {}

    /** Those of a filter's input to write to: a copy only where they are the client's own, which nobody may change. */
    @SuppressWarnings("ReferenceEquality")
    static HttpHeaders of(HttpHeaders input, ServerWebExchange exchange) {
        if (input != exchange.getRequest().getHeaders()) {
            return input;
        }
        HttpHeaders copy = new HttpHeaders();
        copy.addAll(input);
        return copy;
    }
}
