package io.portcullis.session;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Random bits for names, fetched for some hundred of them at a time by each thread: the system's generator has one lock for all.
 * Not for keys, which nobody should keep longer than needed.
 */
final class RandomBits {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int FETCHED = 4096;
    private static final ThreadLocal<RandomBits> OF_THREAD = ThreadLocal.withInitial(RandomBits::new);

    private final byte[] fetched = new byte[FETCHED];
    private int used = FETCHED;

    /**
     * Bits that nobody else gets.
     *
     * @param bytes at most 4096
     */
    static byte[] next(int bytes) {
        return OF_THREAD.get().take(bytes);
    }

    private byte[] take(int bytes) {
        if (bytes > FETCHED - used) {
            RANDOM.nextBytes(fetched);
            used = 0;
        }
        byte[] taken = Arrays.copyOfRange(fetched, used, used + bytes);
        used += bytes;
        return taken;
    }
}
