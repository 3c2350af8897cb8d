package io.portcullis.edge;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** A content coding (RFC 9110, 8.4.1) that can be taken off an answer and put on again. */
enum ContentCoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    /** The coding of an answer; null if it is another, or several. */
    static @Nullable ContentCoding of(HttpHeaders headers) {
        List<String> codings = headers.getOrEmpty(HttpHeaders.CONTENT_ENCODING);
        if (codings.isEmpty()) {
            return IDENTITY;
        }
        if (codings.size() > 1) {
            return null;
        }
        return switch (codings.get(0).trim().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default -> null;
        };
    }

    /** The bytes without the coding; null if they are over the limit or broken. */
    byte @Nullable [] decode(byte[] coded, int limit) {
        if (this == IDENTITY) {
            return coded;
        }
        try (InputStream in = this == GZIP
                ? new GZIPInputStream(new ByteArrayInputStream(coded))
                : new InflaterInputStream(new ByteArrayInputStream(coded))) {
            byte[] decoded = in.readNBytes(limit + 1);
            return decoded.length > limit ? null : decoded;
        } catch (IOException e) {
            return null;
        }
    }

    byte[] encode(byte[] plain) {
        if (this == IDENTITY) {
            return plain;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length);
        try (OutputStream out = this == GZIP ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return bytes.toByteArray();
    }
}
