package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FrameCumulatorTest {
    private static final int FRAME = 16 * 1024;
    private static final int READ = 50_000;
    private static final int READS = 500;

    private final FrameCumulator cumulator = new FrameCumulator();

    static Stream<ByteBufAllocator> allocators() {
        return Stream.of(new AdaptiveByteBufAllocator(), ByteBufAllocator.DEFAULT);
    }

    /** Frames are taken out after each read, held while the decoder would throw away, and let go before the next one. */
    @ParameterizedTest
    @MethodSource("allocators")
    void bufferStaysSmallWhileFramesAreLetGoLate(ByteBufAllocator allocator) {
        ByteBuf cumulation = Unpooled.EMPTY_BUFFER;
        int largest = 0;
        long sum = 0;

        for (int read = 0; read < READS; read++) {
            cumulation = cumulator.cumulate(allocator, cumulation, bytes(allocator, (long) read * READ));
            largest = Math.max(largest, cumulation.capacity());
            ByteBuf held = null;
            while (cumulation.readableBytes() >= FRAME) {
                if (held != null) {
                    held.release();
                }
                held = cumulation.readRetainedSlice(FRAME);
                sum += check(held, sum);
            }
            if (held != null) {
                assertThat(cumulation.refCnt()).isGreaterThan(1);
                held.release();
            }
        }

        assertThat(sum).isGreaterThan((long) READS * READ - FRAME);
        assertThat(largest).isLessThan(4 * READ);
        cumulation.release();
    }

    /** What somebody still holds is not overwritten. */
    @ParameterizedTest
    @MethodSource("allocators")
    void heldFrameKeepsItsBytes(ByteBufAllocator allocator) {
        ByteBuf first = cumulator.cumulate(allocator, Unpooled.EMPTY_BUFFER, bytes(allocator, 0));
        ByteBuf held = first.readRetainedSlice(READ - 10);

        ByteBuf second = cumulator.cumulate(allocator, first, bytes(allocator, READ));

        check(held, 0);
        check(second, READ - 10);
        held.release();
        second.release();
    }

    private static ByteBuf bytes(ByteBufAllocator allocator, long position) {
        ByteBuf bytes = allocator.directBuffer(READ);
        for (int i = 0; i < READ; i++) {
            bytes.writeByte(at(position + i));
        }
        return bytes;
    }

    private static int check(ByteBuf bytes, long position) {
        int length = bytes.readableBytes();
        for (int i = 0; i < length; i += 97) {
            assertThat(bytes.getByte(bytes.readerIndex() + i)).isEqualTo(at(position + i));
        }
        return length;
    }

    private static byte at(long position) {
        return (byte) (position % 251);
    }
}
