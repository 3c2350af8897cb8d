package io.portcullis.edge;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** A content coding (RFC 9110, 8.4.1): the way from coded bytes to plain ones, and back in the same form. */
enum ContentCoding {
    IDENTITY {
        @Override
        byte[] decodeAtMost(byte[] coded, int length) {
            return coded;
        }

        @Override
        byte[] encode(byte[] plain, byte[] model) {
            return plain;
        }
    },

    GZIP {
        @Override
        byte[] decodeAtMost(byte[] coded, int length) throws IOException {
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(coded))) {
                return in.readNBytes(length);
            }
        }

        @Override
        byte[] encode(byte[] plain, byte[] model) {
            ByteArrayOutputStream coded = new ByteArrayOutputStream(plain.length);
            try (OutputStream out = new GZIPOutputStream(coded)) {
                out.write(plain);
            } catch (IOException e) {
                throw new UncheckedIOException("in memory", e);
            }
            return coded.toByteArray();
        }
    },

    /** In zlib's wrapping (RFC 1950) as it should be, or without, as some servers send it and browsers take it. */
    DEFLATE {
        @Override
        byte[] decodeAtMost(byte[] coded, int length) throws IOException {
            Inflater inflater = new Inflater(!isWrapped(coded));
            try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(coded), inflater)) {
                return in.readNBytes(length);
            } finally {
                inflater.end();
            }
        }

        @Override
        byte[] encode(byte[] plain, byte[] model) {
            ByteArrayOutputStream coded = new ByteArrayOutputStream(plain.length);
            Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, !isWrapped(model));
            try (OutputStream out = new DeflaterOutputStream(coded, deflater)) {
                out.write(plain);
            } catch (IOException e) {
                throw new UncheckedIOException("in memory", e);
            } finally {
                deflater.end();
            }
            return coded.toByteArray();
        }
    },

    BROTLI {
        @Override
        byte[] decodeAtMost(byte[] coded, int length) throws IOException {
            try (InputStream in = new BrotliInputStream(new ByteArrayInputStream(coded))) {
                return in.readNBytes(length);
            }
        }

        @Override
        byte[] encode(byte[] plain, byte[] model) {
            try {
                return Encoder.compress(plain, Encoder.Parameters.create(BROTLI_QUALITY));
            } catch (IOException e) {
                throw new UncheckedIOException("in memory", e);
            }
        }
    };

    /** What servers use for answers made on the fly: the best, 11, would take seconds for a megabyte. */
    private static final int BROTLI_QUALITY = 5;

    abstract byte[] decodeAtMost(byte[] coded, int length) throws IOException;

    /** The bytes without the coding; null if they are over the limit or broken. */
    byte @Nullable [] decode(byte[] coded, int limit) {
        try {
            byte[] decoded = decodeAtMost(coded, limit + 1);
            return decoded.length > limit ? null : decoded;
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * The bytes with the coding.
     *
     * @param model bytes in this coding, whose form they take
     */
    abstract byte[] encode(byte[] plain, byte[] model);

    /** RFC 1950, 2.2: method 8, and the first two bytes are a multiple of 31. */
    private static boolean isWrapped(byte[] deflated) {
        if (deflated.length < 2 || (deflated[0] & 0x0F) != 8) {
            return false;
        }
        int header = ((deflated[0] & 0xFF) << 8) + (deflated[1] & 0xFF);
        return header % 31 == 0;
    }
}
