package io.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.ByteToMessageDecoder.Cumulator;

/**
 * Puts together the bytes of an HTTP/2 connection until a frame is whole, in a buffer that stays small. Netty's own throws
 * away what has been decoded right after it was decoded, and never while somebody holds a part of it: a body on its way to
 * a backend is let go a moment later, so during an upload that never ends on the edge of a frame nothing was thrown away, and
 * the buffer grew to tens of megabytes. Here it is done before bytes are added.
 */
final class FrameCumulator implements Cumulator {
    @Override
    public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf cumulation, ByteBuf arrived) {
        // held by somebody, the buffer must stay as it is; then netty's goes on in a new one as soon as this one is
        // full
        if (cumulation.isReadable() && cumulation.refCnt() == 1) {
            cumulation.discardSomeReadBytes();
        }
        return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, cumulation, arrived);
    }
}
