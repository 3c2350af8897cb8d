package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.session.AttemptId;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.Revocation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records as earlier gateways wrote them, which may run beside this one while it is rolled out. */
class StoredFormatsIT {
    private static final Pattern TIME = Pattern.compile("<(-?\\d+)>");

    private static RedisServer redis;
    private static RedisClients clients;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 1).connected();
    }

    @AfterAll
    static void end() {
        clients.close();
        redis.close();
    }

    static List<String> live() {
        return lines("live.txt");
    }

    static List<String> revoked() {
        return lines("revoked.txt");
    }

    private static List<String> lines(String file) {
        try (InputStream in = StoredFormatsIT.class.getResourceAsStream("/records/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stores it for a session of its own; the first word of the line is the commit. */
    private static LiveSession stored(String line) {
        LiveSession session = LiveSession.of(AttemptId.random().value(), clients.store(0));
        RedisKeys keys = new RedisKeys(RedisClients.KEY_PREFIX);
        String record = keys.session(session.ref().id());
        long now = Instant.now().toEpochMilli();
        String fields = TIME.matcher(line.substring(line.indexOf(' ') + 1))
                .replaceAll(time -> Long.toString(now + Long.parseLong(time.group(1))))
                .replace("<sid>", session.sibling().ref().id().value())
                .replace("<sub>", session.ref().subjectHash().value());
        redis.command(Stream.concat(Stream.of("HSET", record), Stream.of(fields.split(" ")))
                .toArray(String[]::new));
        redis.command("PEXPIRE", record, "3660000");
        redis.command(
                "ZADD",
                keys.sessions("app", session.ref().subjectHash()),
                Long.toString(now + 3_600_000),
                session.ref().id().value());
        return session;
    }

    @ParameterizedTest
    @MethodSource("live")
    @SecurityLine(29)
    void newestTokenIsRotated(String line) {
        RotationOutcome outcome = stored(line).rotate(3, Policies.strict());

        assertThat(outcome).isInstanceOf(Rotated.class);
        assertThat(((Rotated) outcome).successor().generation()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("live")
    @SecurityLine(29)
    void tokenThatWasReplacedRevokesTheSession(String line) {
        LiveSession session = stored(line);

        assertThat(session.rotate(2, Policies.strict())).isInstanceOf(Reused.class);
        assertThat(session.rotate(3, Policies.strict())).isEqualTo(new Revoked());
    }

    @ParameterizedTest
    @MethodSource("live")
    void undeliveredTokenIsHandedOutAgain(String line) {
        LiveSession session = stored(line);

        redis.command(
                "HSET",
                new RedisKeys(RedisClients.KEY_PREFIX).session(session.ref().id()),
                "lost",
                "1");
        assertThat(session.rotate(2, Policies.strict())).isInstanceOf(Rotated.class);
    }

    @ParameterizedTest
    @MethodSource("live")
    void sessionIsShownAndRevoked(String line) {
        LiveSession session = stored(line);

        assertThat(session.listed()).hasSize(1);
        assertThat(session.state().generation()).isEqualTo(3);
        assertThat(session.revoke()).isEqualTo(Revocation.REVOKED);
    }

    @ParameterizedTest
    @MethodSource("revoked")
    @SecurityLine(29)
    void revokedSessionStaysRevoked(String line) {
        LiveSession session = stored(line);

        assertThat(session.rotate(3, Policies.strict())).isEqualTo(new Revoked());
        assertThat(session.rotate(9, Policies.strict())).isEqualTo(new Revoked());
        assertThat(session.revoke()).isEqualTo(Revocation.ALREADY_REVOKED);
        assertThat(session.state().tombstone()).isNotNull();
    }
}
