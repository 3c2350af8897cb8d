package io.portcullis.operations;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** HMAC-SHA256 as RFC 2104 writes it, for keys of at most 64 bytes. */
final class HandMadeHmac {
    private static final int BLOCK = 64;

    private HandMadeHmac() {}

    static String base64(byte[] key, String text) throws NoSuchAlgorithmException {
        return Base64.getEncoder().encodeToString(of(key, text));
    }

    static byte[] of(byte[] key, String text) throws NoSuchAlgorithmException {
        return hash(padded(key, 0x5c), hash(padded(key, 0x36), text.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] padded(byte[] key, int pad) {
        byte[] block = Arrays.copyOf(key, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            block[i] ^= (byte) pad;
        }
        return block;
    }

    private static byte[] hash(byte[] one, byte[] other) throws NoSuchAlgorithmException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(one);
        both.writeBytes(other);
        return MessageDigest.getInstance("SHA-256").digest(both.toByteArray());
    }
}
