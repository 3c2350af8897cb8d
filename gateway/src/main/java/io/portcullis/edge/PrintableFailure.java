package io.portcullis.edge;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * What may be printed of a failure: its classes, messages and stack traces, without the request's query, in which a client
 * may have put a token. Spring hangs the whole target on the failure itself, as a suppressed one.
 */
final class PrintableFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int CAUSES_MAX = 10;

    private PrintableFailure(String message, @Nullable Throwable cause) {
        super(message, cause, false, true);
    }

    static PrintableFailure of(Throwable failure, ServerHttpRequest request) {
        return copy(failure, request, CAUSES_MAX);
    }

    private static PrintableFailure copy(Throwable failure, ServerHttpRequest request, int causes) {
        Throwable cause = failure.getCause();
        PrintableFailure copy = new PrintableFailure(
                withoutQuery(failure.toString(), request),
                cause == null || causes == 0 ? null : copy(cause, request, causes - 1));
        copy.setStackTrace(failure.getStackTrace());
        return copy;
    }

    private static String withoutQuery(String text, ServerHttpRequest request) {
        URI target = request.getURI();
        String shortened = without(without(text, target.getRawQuery()), target.getQuery());
        for (List<String> values : request.getQueryParams().values()) {
            for (String value : values) {
                shortened = without(shortened, value);
            }
        }
        return shortened;
    }

    private static String without(String text, @Nullable String part) {
        return part == null || part.isEmpty() ? text : text.replace(part, "...");
    }
}
