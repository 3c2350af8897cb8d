package io.portcullis.leaks;

import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Looks at whatever is printed while tests run, their gateways' logs first of all, and fails the test in which a secret is:
 * security.md, 31. It is there for all tests (META-INF/services). What a process of its own printed is looked at when it is
 * closed.
 *
 * <p>With {@code -Dportcullis.test.trace=true} all gateways log at TRACE, and what they print is looked at and not passed on.
 */
public final class NoSecretIsPrinted implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private static final boolean TRACE = Boolean.getBoolean("portcullis.test.trace");

    /** Whether gateways are to log at TRACE. */
    public static boolean atTrace() {
        return TRACE;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        synchronized (NoSecretIsPrinted.class) {
            // surefire puts streams of its own there, and may do so again
            PrintStream out = System.out;
            if (!(out instanceof WatchedStream)) {
                System.setOut(new WatchedStream(out, !TRACE));
            }
            PrintStream err = System.err;
            if (!(err instanceof WatchedStream)) {
                System.setErr(new WatchedStream(err, !TRACE));
            }
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        check();
    }

    /** What gateways printed that live as long as their class. */
    @Override
    public void afterAll(ExtensionContext context) {
        check();
    }

    private static void check() {
        List<String> leaks = PrintedLeaks.take();
        if (!leaks.isEmpty()) {
            throw new AssertionError("secrets were printed:\n" + String.join("\n", leaks));
        }
    }
}
