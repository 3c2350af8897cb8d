package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.GatewayFixture;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Sessions end however diligently they are refreshed; what has passed since is written into their record. */
class SessionEndsIT {
    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE =
            GatewayFixture.beforeDemo("portcullis.realms.dashboard.reuse.grace=1h");

    private final TestGateway gateway = FIXTURE.gateway();

    private String record(String token) {
        String sid = Tokens.claims(token).get("sid").asString();
        return gateway.redis().command("KEYS", "*:session:" + sid).trim();
    }

    private String field(String token, String name) {
        return gateway.redis().command("HGET", record(token), name).trim();
    }

    private void ago(String token, Duration time) {
        gateway.redis().command("HINCRBY", record(token), "at", Long.toString(-time.toMillis()));
    }

    @Test
    @SecurityLine(11)
    void aRotationNeverMovesTheAbsoluteEnd() {
        String token = FIXTURE.login();
        Instant end = Instant.now().plusSeconds(3600);
        gateway.redis().command("HSET", record(token), "end", Long.toString(end.toEpochMilli()));

        for (int i = 0; i < 5; i++) {
            token = Tokens.refreshToken(gateway.refresh(token));

            assertThat(field(token, "end")).isEqualTo(Long.toString(end.toEpochMilli()));
            assertThat(Tokens.claims(token).get("exp").asLong()).isEqualTo(end.getEpochSecond());
        }
        gateway.redis().command("HSET", record(token), "end", Long.toString(System.currentTimeMillis() - 1));
        assertThat(gateway.refresh(token).statusCode()).isEqualTo(401);
    }

    @Test
    @SecurityLine(12)
    void aSessionThatNobodyRefreshesEnds() {
        String idle = FIXTURE.login();
        String used = FIXTURE.login();
        ago(idle, Duration.ofDays(14).plusSeconds(1));
        ago(used, Duration.ofDays(14).minusMinutes(1));

        assertThat(gateway.refresh(idle).statusCode()).isEqualTo(401);
        assertThat(gateway.refresh(used).statusCode()).isEqualTo(200);
    }

    @Test
    @SecurityLine(5)
    void replaysDoNotExtendTheGrace() {
        String token = FIXTURE.login();
        String successor = Tokens.refreshToken(gateway.refresh(token));
        for (int i = 0; i < 2; i++) {
            ago(token, Duration.ofMinutes(25));
            String replayed = Tokens.refreshToken(gateway.refresh(token));
            assertThat(Tokens.claims(replayed).get("gen"))
                    .isEqualTo(Tokens.claims(successor).get("gen"));
        }

        ago(token, Duration.ofMinutes(25));

        assertThat(gateway.refresh(token).statusCode()).isEqualTo(401);
        assertThat(gateway.refresh(successor).statusCode()).isEqualTo(401);
    }
}
