package io.portcullis.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.springframework.http.HttpHeaders;
import org.springframework.util.CollectionUtils;
import org.springframework.util.LinkedCaseInsensitiveMap;
import org.springframework.web.server.ServerWebExchange;

/**
 * The headers that are sent on, on their way through the filters. They are gone through several times, for which {@link
 * HttpHeaders} makes a set of all names each time and looks each up again, since it may have been given any map; these have one
 * that knows each name once.
 */
final class WritableHeaders extends HttpHeaders {
    private static final long serialVersionUID = 1L;

    /** As many as most requests have. */
    private static final int EXPECTED = 16;

    private final LinkedCaseInsensitiveMap<List<String>> byName;

    WritableHeaders() {
        this(new LinkedCaseInsensitiveMap<>(EXPECTED, Locale.ROOT));
    }

    private WritableHeaders(LinkedCaseInsensitiveMap<List<String>> byName) {
        super(CollectionUtils.toMultiValueMap(byName));
        this.byName = byName;
    }

    /** Those of a filter's input to write to: a copy only where they are the client's own, which nobody may change. */
    static HttpHeaders of(HttpHeaders input, ServerWebExchange exchange) {
        return isOfTheClient(input, exchange) ? without((name, values) -> false, input, exchange) : input;
    }

    /** The same, without some of them. */
    static HttpHeaders without(
            BiPredicate<String, List<String>> isDropped, HttpHeaders input, ServerWebExchange exchange) {
        if (isOfTheClient(input, exchange)) {
            WritableHeaders copy = new WritableHeaders();
            input.forEach((name, values) -> {
                if (!isDropped.test(name, values)) {
                    copy.addAll(name, values);
                }
            });
            return copy;
        }
        List<String> dropped = new ArrayList<>(0);
        input.forEach((name, values) -> {
            if (isDropped.test(name, values)) {
                dropped.add(name);
            }
        });
        dropped.forEach(input::remove);
        return input;
    }

    /** Of the headers themselves: what is done with each must not add or remove any. */
    @Override
    public void forEach(BiConsumer<? super String, ? super List<String>> action) {
        byName.forEach(action);
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean isOfTheClient(HttpHeaders input, ServerWebExchange exchange) {
        return input == exchange.getRequest().getHeaders();
    }
}
