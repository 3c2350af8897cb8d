package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.FaultyProxy;
import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import io.portcullis.redis.RedisUsers;
import io.portcullis.redis.StoredRecords;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two replicas, one of them on a bad line to Redis: a rotation is carried out, its client is told 503 and goes to the other. */
class UnansweredRotationIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private RedisServer redis;
    private FaultyProxy line;
    private DemoKeys keys;
    private DemoBackend backend;
    private TestGateway onABadLine;
    private TestGateway other;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        line = FaultyProxy.before(redis.port());
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        onABadLine =
                TestGateway.startElsewhere(keys, backend.uri(), "spring.data.redis.url=" + RedisUsers.url(line.port()));
        other = TestGateway.startElsewhere(keys, backend.uri(), "spring.data.redis.url=" + redis.url());
    }

    @AfterEach
    void end() throws IOException {
        onABadLine.close();
        other.close();
        line.close();
        redis.close();
        backend.close();
        keys.close();
    }

    private double pending() {
        return onABadLine
                .bean(MeterRegistry.class)
                .get("portcullis.marks.pending")
                .gauge()
                .value();
    }

    private String generation(String token) {
        String sid = Tokens.claims(token).get("sid").asString();
        return StoredRecords.of(redis, sid).get("gen");
    }

    @Test
    void clientThatWasTold503IsContinuedByTheOtherReplica() {
        HttpResponse<String> login = onABadLine.post(
                "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        // refreshed once, so that Redis knows the script
        String token = Tokens.refreshToken(onABadLine.refresh(Tokens.refreshToken(login)));

        line.swallowAfter(Direction.TO_CLIENT, 0);
        HttpResponse<String> unavailable = onABadLine.refresh(token);
        String carriedOut = generation(token);
        line.refuse();
        line.cutNow(End.RST);
        line.behave();
        await().atMost(SOON).until(() -> pending() == 0);
        HttpResponse<String> elsewhere = other.refresh(token);

        assertThat(unavailable.statusCode()).isEqualTo(503);
        assertThat(carriedOut).isEqualTo("2");
        assertThat(elsewhere.statusCode()).isEqualTo(200);
        HttpResponse<String> next = onABadLine.refresh(Tokens.refreshToken(elsewhere));
        assertThat(next.statusCode()).isEqualTo(200);
        assertThat(other.get("/api/me", "Authorization", "Bearer " + Tokens.accessToken(next))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void replicaThatWasWithoutRedisTooWaitsForWhatTheOtherHasToSay() {
        HttpResponse<String> login = onABadLine.post(
                "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        String token = Tokens.refreshToken(onABadLine.refresh(Tokens.refreshToken(login)));
        String anybodys = Tokens.refreshToken(other.refresh(Tokens.refreshToken(other.post(
                "/api/auth/login", "{\"email\":\"bob@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"))));
        line.swallowAfter(Direction.TO_CLIENT, 0);
        CompletableFuture<HttpResponse<String>> unavailable =
                CompletableFuture.supplyAsync(() -> onABadLine.refresh(token));
        await().pollInterval(Duration.ofMillis(10))
                .until(() -> generation(token).equals("2"));
        redis.pause();
        assertThat(other.refresh(anybodys).statusCode()).isEqualTo(503);
        assertThat(unavailable.join().statusCode()).isEqualTo(503);
        redis.resume();
        await().atMost(SOON).until(() -> other.refresh(anybodys).statusCode() == 200);

        // neither new tokens for a thief, nor the end of a client that had no answer
        assertThat(other.refresh(token).statusCode()).isEqualTo(503);
        line.refuse();
        line.cutNow(End.RST);
        line.behave();
        HttpResponse<String> elsewhere =
                await().atMost(SOON).until(() -> other.refresh(token), answer -> answer.statusCode() != 503);

        assertThat(elsewhere.statusCode()).isEqualTo(200);
        assertThat(onABadLine.refresh(Tokens.refreshToken(elsewhere)).statusCode())
                .isEqualTo(200);
    }

    @Test
    void replicaThatWasWithoutRedisDoesNotWaitForEver() {
        HttpResponse<String> login = other.post(
                "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        String used = Tokens.refreshToken(login);
        String newest = Tokens.refreshToken(other.refresh(used));
        redis.pause();
        assertThat(other.refresh(newest).statusCode()).isEqualTo(503);
        redis.resume();

        // who used it the first time had an answer, which is not known here
        HttpResponse<String> again = await().atMost(Duration.ofSeconds(60))
                .until(() -> other.refresh(used), answer -> answer.statusCode() != 503);

        assertThat(again.statusCode()).isEqualTo(401);
        await().atMost(SOON).until(() -> other.refresh(newest).statusCode() == 401);
    }
}
