package io.portcullis;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/** 1 GiB that are never in memory at once, always the same, and nowhere the same as elsewhere. */
final class LargeBody extends InputStream {
    static final long SIZE = 1L << 30;

    private static final int PERIOD = 1_048_583;
    private static final byte[] NOISE = noise();

    private final AtomicLong position = new AtomicLong();
    private final long size;

    LargeBody() {
        this(SIZE);
    }

    /** The first bytes of it. */
    LargeBody(long size) {
        this.size = size;
    }

    private static byte[] noise() {
        byte[] noise = new byte[PERIOD];
        new Random(1).nextBytes(noise);
        return noise;
    }

    /** Size and checksum of a body. */
    static String hash(InputStream body) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] buffer = new byte[65536];
        long size = 0;
        for (int read = body.read(buffer); read > 0; read = body.read(buffer)) {
            checksum.update(buffer, 0, read);
            size += read;
        }
        return size + " " + Long.toHexString(checksum.getValue());
    }

    /** Waits until the counter has begun to count and has stopped for a while: every buffer on the way is full. */
    static void awaitStandstill(AtomicLong counter) {
        AtomicLong last = new AtomicLong();
        await().atMost(Duration.ofSeconds(60))
                .during(Duration.ofSeconds(1))
                .until(() -> counter.get() > 0 && last.getAndSet(counter.get()) == counter.get());
    }

    /** Bytes that were read. */
    AtomicLong position() {
        return position;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
        long at = position.get();
        if (at >= size) {
            return -1;
        }
        int from = (int) (at % PERIOD);
        int count = (int) Math.min(Math.min(length, PERIOD - from), size - at);
        byte period = (byte) (at / PERIOD);
        for (int i = 0; i < count; i++) {
            buffer[offset + i] = (byte) (NOISE[from + i] ^ period);
        }
        position.addAndGet(count);
        return count;
    }
}
