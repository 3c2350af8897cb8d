package io.portcullis.edge;

import java.io.ByteArrayOutputStream;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;

/** The part of a body that is held back, until it is complete or over a limit; for one subscriber. */
final class HeldBody {
    private final int limit;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean released;

    /** @param limit bytes */
    HeldBody(int limit) {
        this.limit = limit;
    }

    /** Takes a buffer over; says whether all that is held is still within the limit. */
    boolean holds(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        held.writeBytes(bytes);
        return held.size() <= limit;
    }

    boolean isReleased() {
        return released;
    }

    /** All that was held; from now on nothing is. */
    byte[] release() {
        released = true;
        byte[] bytes = held.toByteArray();
        held.reset();
        return bytes;
    }
}
