package io.portcullis.redis;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How many commands a Redis server was sent: those that scripts run inside it are not counted, nor are those by which a
 * gateway waits for revocations.
 */
public final class CommandCount {
    private static final Pattern CALL = Pattern.compile("redis\\.call\\('(\\w+)'");
    private static final Set<String> INSIDE_SCRIPTS = insideScripts();
    private static final Set<String> WAITING = Set.of("xread", "time");
    private static final String STATISTICS = "info";

    private CommandCount() {}

    public static long of(RedisServer redis) {
        return redis.command("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_"))
                .filter(line -> {
                    String name = line.substring("cmdstat_".length(), line.indexOf(':'));
                    return !INSIDE_SCRIPTS.contains(name) && !WAITING.contains(name) && !name.equals(STATISTICS);
                })
                .mapToLong(line -> Long.parseLong(line.replaceFirst("cmdstat_\\S+:calls=(\\d+),.*", "$1")))
                .sum();
    }

    private static Set<String> insideScripts() {
        try (Stream<Path> scripts = Files.list(Path.of(
                Objects.requireNonNull(Script.class.getResource("/redis/")).toURI()))) {
            return scripts.map(CommandCount::text)
                    .flatMap(text -> CALL.matcher(text).results())
                    .map(call -> call.group(1).toLowerCase(Locale.ROOT))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Path script) {
        try {
            return Files.readString(script);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
