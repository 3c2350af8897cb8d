package io.portcullis;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Chromium without a window and without a word to anybody but the pages that a test serves. */
public final class HeadlessChromium {
    private static final List<String> QUIETLY = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private HeadlessChromium() {}

    public static InstalledProgram program() {
        return InstalledProgram.of("chromium", "chromium-browser", "google-chrome");
    }

    /**
     * What it is started with.
     *
     * @param directory where it may keep a profile
     * @param page the address that it opens
     * @param more further arguments
     */
    public static List<String> arguments(Path directory, String page, String... more) {
        List<String> arguments = new ArrayList<>(QUIETLY);
        arguments.add("--user-data-dir=" + directory.resolve("profile"));
        arguments.addAll(List.of(more));
        arguments.add(page);
        return arguments;
    }
}
