package io.portcullis.leaks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The lines that were printed with a secret in them, until somebody takes them. */
public final class PrintedLeaks {
    private static final int LEAKS_MAX = 20;
    private static final int LINE_MAX = 400;

    private static final Set<String> FOUND = new LinkedHashSet<>();

    private PrintedLeaks() {}

    /** Looks for secrets in what was printed, which may be many lines. */
    public static void lookAt(String printed) {
        if (Secrets.in(printed) == null) {
            return;
        }
        for (String line : printed.split("\n")) {
            String secret = Secrets.in(line);
            if (secret != null) {
                note(secret + " in: " + line.substring(0, Math.min(line.length(), LINE_MAX)));
            }
        }
    }

    private static void note(String leak) {
        synchronized (FOUND) {
            if (FOUND.size() < LEAKS_MAX) {
                FOUND.add(leak);
            }
        }
    }

    /** What was found since the last time. */
    static List<String> take() {
        synchronized (FOUND) {
            List<String> taken = new ArrayList<>(FOUND);
            FOUND.clear();
            return taken;
        }
    }
}
