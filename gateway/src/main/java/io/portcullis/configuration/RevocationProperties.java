package io.portcullis.configuration;

import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How requests with access tokens of revoked sessions are turned away.
 *
 * @param bound how many revoked sessions are known at most, in each replica and in Redis; where there are more, those give way whose access tokens expire first
 * @param catchUpTimeout for how long Redis may tell nothing to a starting replica that reads what was revoked before; after that it serves without
 * @param whenUnknown what a replica does with a request whose access token names a session while it does not know what was revoked: `forward`, or `refuse`, which is a 503
 * @param unknownAfter for how long Redis may be out of reach before a replica counts as not knowing
 * @param headers where requests carry access tokens
 * @param queryParameters where they carry them else
 */
public record RevocationProperties(
        @DefaultValue("250000") int bound,
        @DefaultValue("10s") Duration catchUpTimeout,
        @DefaultValue("forward") WhenUnknown whenUnknown,
        @DefaultValue("30s") Duration unknownAfter,

        @DefaultValue({"Authorization", "Sec-WebSocket-Protocol"})
        List<String> headers,

        @DefaultValue({"access_token", "token"}) List<String> queryParameters) {
    /** Gigabytes of memory. */
    private static final int LARGEST_BOUND = 10_000_000;
    /** A read is held back for up to 5 s, and may be answered 2 s late. */
    private static final Duration SHORTEST_UNKNOWN = Duration.ofSeconds(10);

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    private static final String PARAMETER = "[^=&#\\s]+";

    /** What a replica does that does not know what was revoked. */
    public enum WhenUnknown {
        /** Requests are forwarded, as if nobody had been revoked meanwhile. */
        FORWARD,
        /** Requests whose access token names a session are answered with 503. */
        REFUSE
    }

    /** After how long requests are refused, or null if they never are. */
    public @Nullable Duration refuseAfter() {
        return whenUnknown == WhenUnknown.REFUSE ? unknownAfter : null;
    }

    /** A sentence a mistake, by the name of its property under this record. */
    void check(BiConsumer<String, String> problems) {
        if (bound < 1 || bound > LARGEST_BOUND) {
            problems.accept("bound", "is not between 1 and " + LARGEST_BOUND);
        }
        if (catchUpTimeout.isNegative() || catchUpTimeout.compareTo(LONGEST) > 0) {
            problems.accept("catch-up-timeout", "is not between 0s and 1h");
        }
        if (unknownAfter.compareTo(SHORTEST_UNKNOWN) < 0 || unknownAfter.compareTo(LONGEST) > 0) {
            problems.accept("unknown-after", "is not between 10s and 1h");
        }
        headers.stream()
                .filter(name -> !name.matches(TOKEN))
                .forEach(name -> problems.accept("headers", "'" + name + "' is not a header's name"));
        queryParameters.stream()
                .filter(name -> !name.matches(PARAMETER))
                .forEach(name -> problems.accept("query-parameters", "'" + name + "' is not a parameter's name"));
    }
}
