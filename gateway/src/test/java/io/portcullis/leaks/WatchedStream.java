package io.portcullis.leaks;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Passes on what is printed, and looks at every line. */
final class WatchedStream extends PrintStream {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final boolean passesOn;

    /** @param passesOn false where there would be far too much of it */
    WatchedStream(PrintStream to, boolean passesOn) {
        super(to, true);
        this.passesOn = passesOn;
    }

    @Override
    public void write(int b) {
        if (passesOn) {
            super.write(b);
        }
        watch(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (passesOn) {
            super.write(bytes, offset, length);
        }
        watch(bytes, offset, length);
    }

    private synchronized void watch(byte[] bytes, int offset, int length) {
        line.write(bytes, offset, length);
        if (length > 0 && bytes[offset + length - 1] == '\n') {
            PrintedLeaks.lookAt(line.toString(StandardCharsets.UTF_8));
            line.reset();
        }
    }
}
