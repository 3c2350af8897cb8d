package io.portcullis.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.data.redis.connection.ReturnType;

/**
 * The commands that a Redis server is sent because of requests: neither those that scripts run inside it, nor those that
 * each gateway sends from time to time by itself.
 */
public final class CommandsSeen {
    private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]++|\\\\.)*+)\"");
    private static final String INSIDE_A_SCRIPT = " lua] ";
    private static final String END = "echo";
    /** By which a gateway waits for revocations, and a connection says whose it is. */
    private static final Set<String> NOT_OF_REQUESTS = Set.of("xread", "xrange", "time", "auth", "hello", "client");
    /** Signs of life, and whether Redis still knows of a revocation. */
    private static final List<ByItself> BY_ITSELF =
            List.of(ByItself.of("sign_of_life"), ByItself.of("sessions", "shown", "show_session"));

    /** A script, and how the last of its parts begins. */
    private record ByItself(String sha1, String heading) {
        static ByItself of(String... names) {
            return new ByItself(
                    Script.load(ReturnType.MULTI, names).sha1(),
                    firstLine(Script.load(ReturnType.MULTI, names[names.length - 1]))
                            .toLowerCase(Locale.ROOT));
        }
    }

    private final RedisServer redis;
    private final RespConnection monitor;

    private CommandsSeen(RedisServer redis, RespConnection monitor) {
        this.redis = redis;
        this.monitor = monitor;
    }

    /** Begins to count. */
    public static CommandsSeen of(RedisServer redis) {
        try {
            RespConnection monitor = RespConnection.open(redis.port());
            monitor.call("MONITOR");
            return new CommandsSeen(redis, monitor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those since then; it ends with this. */
    public List<String> end() {
        redis.command(END, "");
        List<String> commands = new ArrayList<>();
        try (monitor) {
            for (List<String> words = words(); !words.get(0).equals(END); words = words()) {
                if (!NOT_OF_REQUESTS.contains(words.get(0)) && !isByItself(words)) {
                    commands.add(String.join(" ", words));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return commands;
    }

    /** By its hash, or the first time by its text. */
    private static boolean isByItself(List<String> words) {
        return words.size() > 1
                && BY_ITSELF.stream()
                        .anyMatch(script -> words.get(1).equals(script.sha1())
                                || words.get(1).contains(script.heading()));
    }

    private static String firstLine(Script script) {
        return script.text().lines().findFirst().orElseThrow();
    }

    /** Of the next command that is not inside a script. */
    private List<String> words() throws IOException {
        String line = monitor.next();
        while (line.contains(INSIDE_A_SCRIPT)) {
            line = monitor.next();
        }
        return QUOTED.matcher(line)
                .results()
                .map(word -> word.group(1).toLowerCase(Locale.ROOT))
                .toList();
    }
}
