package io.portcullis.edge;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/** {@code Accept-Encoding} (RFC 9110, 12.5.3) as a backend is told it where its answer is to be read on the way. */
final class AcceptedCodings {
    private static final Set<String> READABLE = Set.of("gzip", "x-gzip", "deflate", "identity");

    private AcceptedCodings() {}

    /** Leaves those of the client's codings that can be taken off and put on again; none of them means none at all. */
    static void restrict(HttpHeaders request) {
        List<String> offered = request.getOrEmpty(HttpHeaders.ACCEPT_ENCODING);
        if (offered.isEmpty()) {
            return;
        }
        List<String> readable = offered.stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .map(String::trim)
                .filter(coding ->
                        READABLE.contains(coding.replaceFirst(";.*", "").trim().toLowerCase(Locale.ROOT)))
                .toList();
        request.set(HttpHeaders.ACCEPT_ENCODING, readable.isEmpty() ? "identity" : String.join(", ", readable));
    }
}
