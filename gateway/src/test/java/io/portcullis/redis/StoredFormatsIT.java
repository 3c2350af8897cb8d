package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.session.AttemptId;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
        long now = Instant.now().toEpochMilli();
        String values = TIME.matcher(line.substring(line.indexOf(' ') + 1))
                .replaceAll(time -> Long.toString(now + Long.parseLong(time.group(1))));
        String sid = session.ref().id().value();
        StoredRecords.of(redis, sid).setAll("app", values);
        redis.command("PEXPIRE", StoredRecords.key(sid), "3660000");
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

        StoredRecords.of(redis, session.ref().id().value()).set("lost", "1");
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

    @Test
    @SecurityLine(29)
    void whatANewerGatewayAddedToARecordStaysInIt() {
        LiveSession session =
                stored("1.0 [1, 3, <-9000>, 8000, 3609000, 601000, \"x\", 0, 0, 0, 0, {\"z\": 7}, \"added\"]");

        assertThat(session.rotate(3, Policies.strict())).isInstanceOf(Rotated.class);
        session.revoke();

        assertThat(redis.command(
                        "EVAL",
                        "local v = cmsgpack.unpack(redis.call('HGET', KEYS[1], ARGV[1])) return v[12].z .. v[13]",
                        "1",
                        StoredRecords.key(session.ref().id().value()),
                        session.ref().id().name()))
                .isEqualTo("7added");
        assertThat(session.state().tombstone()).isNotNull();
    }

    @Test
    void reasonOfANewerGatewayIsAnother() {
        LiveSession session = stored("1.0 [1, 3, <-9000>, 8000, 3609000, 601000, \"x\", 0, 99, 500, 0]");

        assertThat(session.state().tombstone().reason()).isEqualTo(RevocationReason.OTHER);
    }
}
