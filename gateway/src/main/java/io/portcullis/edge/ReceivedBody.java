package io.portcullis.edge;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A request's body as it has arrived: kept up to a limit, and read somewhat further. */
final class ReceivedBody {
    private final int limit;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long received;

    ReceivedBody(int limit) {
        this.limit = limit;
    }

    /**
     * Reads a body; errors with {@link TimeoutException} where it has not arrived in time.
     *
     * @param limit how many bytes are kept
     * @param readMax after how many bytes nothing more is read
     */
    static Mono<ReceivedBody> of(Flux<DataBuffer> body, int limit, int readMax, Duration timeout) {
        return Mono.defer(() -> {
            ReceivedBody received = new ReceivedBody(limit);
            return body.takeUntil(buffer -> received.received > readMax)
                    .collect(() -> received, ReceivedBody::take)
                    // one that came as the wait for it ended
                    .doOnDiscard(DataBuffer.class, DataBufferUtils::release)
                    // else its timeout looks for a name through all that is above, at every request
                    .name("body")
                    .timeout(timeout);
        });
    }

    private void take(DataBuffer buffer) {
        try {
            take(buffer.readableByteCount(), bytes -> buffer.toByteBuffer(ByteBuffer.wrap(bytes)));
        } finally {
            DataBufferUtils.release(buffer);
        }
    }

    /** Some more of it. */
    void take(int size, Consumer<byte[]> readInto) {
        received += size;
        if (isOverLimit()) {
            kept.reset();
            return;
        }
        byte[] bytes = new byte[size];
        readInto.accept(bytes);
        kept.writeBytes(bytes);
    }

    /** How many bytes have come, kept or not. */
    long size() {
        return received;
    }

    boolean isOverLimit() {
        return received > limit;
    }

    byte[] bytes() {
        return kept.toByteArray();
    }
}
