package io.portcullis.edge;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.Decoder;
import com.aayushatharva.brotli4j.encoder.Encoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** Content codings as a backend puts them on and a client takes them off. */
enum Coded {
    PLAIN,
    GZIP,
    ZLIB,
    RAW_DEFLATE,
    BROTLI;

    static {
        Brotli4jLoader.ensureAvailability();
    }

    byte[] encode(byte[] plain) {
        try {
            if (this == BROTLI) {
                return Encoder.compress(plain);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out = switch (this) {
                case GZIP -> new GZIPOutputStream(bytes);
                case ZLIB -> new DeflaterOutputStream(bytes);
                case RAW_DEFLATE -> new DeflaterOutputStream(bytes, new Deflater(-1, true));
                case PLAIN, BROTLI -> bytes;
            }) {
                out.write(plain);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] decode(byte[] coded) {
        try {
            ByteArrayInputStream in = new ByteArrayInputStream(coded);
            return switch (this) {
                case PLAIN -> coded;
                case GZIP -> new GZIPInputStream(in).readAllBytes();
                case ZLIB -> new InflaterInputStream(in).readAllBytes();
                case RAW_DEFLATE -> new InflaterInputStream(in, new Inflater(true)).readAllBytes();
                case BROTLI -> Decoder.decompress(coded).getDecompressedData();
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
