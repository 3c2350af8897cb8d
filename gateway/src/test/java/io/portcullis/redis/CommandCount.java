package io.portcullis.redis;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How many commands a Redis server was sent: those that scripts run inside it are not counted, nor are those by which a
 * gateway waits for revocations or gives signs of life.
 */
public final class CommandCount {
    private static final Pattern CALL = Pattern.compile("redis\\.call\\('(\\w+)'");
    private static final Set<String> INSIDE_SCRIPTS = insideScripts();
    private static final Set<String> WAITING = Set.of("xread", "time");
    private static final Pattern CALLS = Pattern.compile("cmdstat_([^:]+):calls=(\\d+),.*");
    private static final String ONCE_IN_A_SIGN_OF_LIFE = "hvals";
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String STATISTICS = "info";

    private CommandCount() {}

    /** @param redis which a gateway is connected to */
    public static long of(RedisServer redis) {
        return await().atMost(SOON)
                .until(() -> ofGateway(redis), OptionalLong::isPresent)
                .getAsLong();
    }

    /** Empty before its first sign of life, for which it asks twice. */
    private static OptionalLong ofGateway(RedisServer redis) {
        Map<String, Long> calls = redis.command("INFO", "commandstats")
                .lines()
                .map(CALLS::matcher)
                .filter(Matcher::matches)
                .collect(Collectors.toMap(line -> line.group(1), line -> Long.parseLong(line.group(2))));
        Long signsOfLife = calls.get(ONCE_IN_A_SIGN_OF_LIFE);
        if (signsOfLife == null) {
            return OptionalLong.empty();
        }
        calls.keySet().removeAll(INSIDE_SCRIPTS);
        calls.keySet().removeAll(WAITING);
        calls.remove(STATISTICS);
        return OptionalLong.of(
                calls.values().stream().mapToLong(Long::longValue).sum() - signsOfLife);
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
