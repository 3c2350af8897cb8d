package io.portcullis.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/** The headers that a backend is sent, on their way through the filters. */
final class WritableHeaders {
    private WritableHeaders() {}

    /** Those of a filter's input to write to: a copy only where they are the client's own, which nobody may change. */
    static HttpHeaders of(HttpHeaders input, ServerWebExchange exchange) {
        return without((name, values) -> false, input, exchange);
    }

    /** The same, without some of them. */
    static HttpHeaders without(
            BiPredicate<String, List<String>> isDropped, HttpHeaders input, ServerWebExchange exchange) {
        if (isOfTheClient(input, exchange)) {
            HttpHeaders copy = new HttpHeaders();
            input.forEach((name, values) -> {
                if (!isDropped.test(name, values)) {
                    copy.addAll(name, values);
                }
            });
            return copy;
        }
        List<String> dropped = new ArrayList<>();
        input.forEach((name, values) -> {
            if (isDropped.test(name, values)) {
                dropped.add(name);
            }
        });
        dropped.forEach(input::remove);
        return input;
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean isOfTheClient(HttpHeaders input, ServerWebExchange exchange) {
        return input == exchange.getRequest().getHeaders();
    }
}
