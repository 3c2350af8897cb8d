package io.portcullis.edge;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;

/**
 * The content codings that can be taken off an answer and put on again. A backend whose answer is to be read on the way is
 * told these of its client's and no others.
 *
 * @param brotli whether {@code br} (RFC 7932) is one of them
 */
public record ReadableCodings(boolean brotli) {
    private static final Logger log = LoggerFactory.getLogger(ReadableCodings.class);

    /** Those of this machine: {@code br} needs a native library, which is loaded here. */
    public static ReadableCodings ofThisPlatform() {
        boolean brotli = Brotli4jLoader.isAvailable();
        if (!brotli) {
            log.warn(
                    "Backends are not offered br on routes that open sessions, its library cannot be loaded: {}",
                    String.valueOf(Brotli4jLoader.getUnavailabilityCause()));
        }
        return new ReadableCodings(brotli);
    }

    /** Leaves those of {@code Accept-Encoding} (RFC 9110, 12.5.3); none of them means none at all. */
    void restrict(HttpHeaders request) {
        List<String> offered = request.getOrEmpty(HttpHeaders.ACCEPT_ENCODING);
        if (offered.isEmpty()) {
            return;
        }
        List<String> readable = offered.stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .map(String::trim)
                .filter(coding -> named(coding.replaceFirst(";.*", "")) != null)
                .toList();
        request.set(HttpHeaders.ACCEPT_ENCODING, readable.isEmpty() ? "identity" : String.join(", ", readable));
    }

    /** The coding of an answer; null if it is another, or several. */
    @Nullable
    ContentCoding of(HttpHeaders answer) {
        List<String> codings = answer.getOrEmpty(HttpHeaders.CONTENT_ENCODING);
        if (codings.isEmpty() || (codings.size() == 1 && codings.get(0).isBlank())) {
            return ContentCoding.IDENTITY;
        }
        return codings.size() > 1 ? null : named(codings.get(0));
    }

    private @Nullable ContentCoding named(String name) {
        return switch (name.trim().toLowerCase(Locale.ROOT)) {
            case "identity" -> ContentCoding.IDENTITY;
            case "gzip", "x-gzip" -> ContentCoding.GZIP;
            case "deflate" -> ContentCoding.DEFLATE;
            case "br" -> brotli ? ContentCoding.BROTLI : null;
            default -> null;
        };
    }
}
