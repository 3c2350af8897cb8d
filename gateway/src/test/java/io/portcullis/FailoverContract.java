package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisFailover;
import io.portcullis.redis.RedisServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What two gateways promise whose Redis fails over: nobody is signed out, and nothing that was revoked comes back to life,
 * also where the server that takes over has never heard of the last writes.
 */
abstract class FailoverContract {
    static final Duration SOON = Duration.ofSeconds(20);

    private final DemoKeys keys = DemoKeys.generate();
    private final DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
    RedisFailover redis;
    TestGateway one;
    TestGateway other;

    /** Starts the servers. */
    abstract RedisFailover redis();

    /** A session as its client has it: the newest tokens, and those before. */
    static final class Session {
        private final TestGateway gateway;
        private String used;
        private HttpResponse<String> newest;

        Session(TestGateway gateway, String email) {
            this.gateway = gateway;
            this.newest = gateway.post(
                    "/api/auth/login", "{\"email\":\"" + email + "\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        }

        String refreshToken() {
            return Tokens.refreshToken(newest);
        }

        /** The status; only a 200 brings new tokens. */
        int refresh() {
            HttpResponse<String> answer = gateway.refresh(refreshToken());
            if (answer.statusCode() == 200) {
                used = refreshToken();
                newest = answer;
            }
            return answer.statusCode();
        }

        Session refreshed() {
            assertThat(refresh()).isEqualTo(200);
            return this;
        }

        /** Uses its last token again, which revokes it. */
        int replay() {
            return gateway.refresh(used).statusCode();
        }

        Session revoked() {
            assertThat(refreshed().replay()).isEqualTo(401);
            return this;
        }

        int me(TestGateway gateway) {
            return gateway.get("/api/me", "Authorization", "Bearer " + Tokens.accessToken(newest))
                    .statusCode();
        }

        String generation() {
            return Tokens.claims(refreshToken()).get("gen").asString();
        }

        /** In Redis. */
        String key() {
            String sid = Tokens.claims(refreshToken()).get("sid").asString();
            return "portcullis:{" + sid.substring(sid.length() - 2) + "}:session:" + sid;
        }
    }

    @BeforeEach
    void start() {
        redis = redis();
        one = TestGateway.startElsewhere(keys, backend.uri(), redis.properties());
        other = TestGateway.startElsewhere(keys, backend.uri(), redis.properties());
    }

    @AfterEach
    void end() throws Exception {
        // whatever came to be before a start failed
        for (AutoCloseable each : new AutoCloseable[] {one, other, redis, backend, keys}) {
            if (each != null) {
                each.close();
            }
        }
    }

    void assertDeadEverywhere(Session session) {
        for (TestGateway gateway : List.of(one, other)) {
            assertThat(gateway.refresh(session.refreshToken()).statusCode()).isEqualTo(401);
            assertThat(session.me(gateway)).isEqualTo(401);
        }
    }

    private static double healed(TestGateway gateway) {
        return gateway.bean(MeterRegistry.class).get("portcullis.refreshes").tag("outcome", "healed").timers().stream()
                .mapToLong(Timer::count)
                .sum();
    }

    /** Refreshes as fast as it is answered, until new tokens come again and again; meanwhile 503 is all it is told. */
    static void assertGoesOn(List<Session> sessions) {
        for (Session session : sessions) {
            List<Integer> told = new ArrayList<>();
            await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> {
                told.add(session.refresh());
                return told.size() >= 3
                        && told.subList(told.size() - 3, told.size()).stream().allMatch(status -> status == 200);
            });
            assertThat(told).isSubsetOf(200, 503);
        }
    }

    @Test
    @SecurityLine(44)
    void killedMasterSignsNobodyOutAndBringsNothingBackToLife() {
        List<Session> honest =
                List.of(new Session(one, "ada@example.com"), new Session(other, "ada@example.com").refreshed());
        Session revokedBefore = new Session(one, "ada@example.com").revoked();
        await().atMost(SOON).until(() -> revokedBefore.me(other) == 401);
        Session revokedLast = new Session(other, "ada@example.com");
        RedisServer master = redis.masterOf(honest.get(0).key());
        double healed = healed(one) + healed(other);

        redis.failOverWithout(master, () -> {
            honest.forEach(Session::refreshed);
            revokedLast.revoked();
        });

        assertGoesOn(honest);
        assertThat(redis.awaitMasterOf(honest.get(0).key(), master)).isNotNull();
        assertThat(healed(one) + healed(other) - healed).isEqualTo(2);
        assertDeadEverywhere(revokedBefore);
        assertThat(revokedLast.me(other)).isEqualTo(401);
        assertThat(revokedLast.refresh()).isEqualTo(401);
        await().atMost(SOON).until(() -> revokedLast.me(one) == 401);
        assertDeadEverywhere(revokedLast);
        Session revokedAfter = new Session(one, "ada@example.com").revoked();
        await().atMost(SOON).until(() -> revokedAfter.me(other) == 401);
        assertDeadEverywhere(revokedAfter);
    }

    @Test
    void frozenMasterIsLeft() {
        List<Session> honest =
                List.of(new Session(one, "ada@example.com"), new Session(other, "ada@example.com").refreshed());
        Session revoked = new Session(one, "ada@example.com").revoked();
        RedisServer master = redis.masterOf(honest.get(0).key());

        master.pause();
        assertGoesOn(honest);
        master.resume();

        assertGoesOn(honest);
        assertDeadEverywhere(revoked);
    }
}
