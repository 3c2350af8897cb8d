package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis goes away and comes back under a running gateway. */
class StoreAwayIT {
    private DemoKeys keys;
    private DemoBackend backend;
    private TestGateway gateway;

    @BeforeEach
    void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterEach
    void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    private HttpResponse<String> login() {
        return gateway.post(
                "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
    }

    @Test
    @SecurityLine(39)
    void aRefreshIs503WhileRedisIsGoneAndWorksWhenItIsBack() {
        HttpResponse<String> login = login();
        String token = Tokens.refreshToken(gateway.refresh(Tokens.refreshToken(login)));
        gateway.redis().command("CONFIG", "SET", "save", "3600 1");
        gateway.redis().stop();

        assertUnavailable(gateway.refresh(token));
        assertThat(gateway.get("/api/me", "Authorization", "Bearer " + Tokens.accessToken(login))
                        .statusCode())
                .isEqualTo(200);

        gateway.redis().startAgain();
        assertWorksAgain(token);
    }

    @Test
    @SecurityLine(39)
    void aRefreshIs503WhileRedisIsFrozenAndTheCircuitBreakerOpens() {
        // a first refresh, so that Redis knows the script and carries out what it is sent while it is frozen
        String token = Tokens.refreshToken(gateway.refresh(Tokens.refreshToken(login())));
        gateway.redis().pause();
        CircuitBreaker breaker = gateway.bean(CircuitBreakerRegistry.class).circuitBreaker("store");

        await().atMost(Duration.ofMinutes(1)).until(() -> {
            assertUnavailable(gateway.refresh(token));
            return breaker.getState() == CircuitBreaker.State.OPEN;
        });

        gateway.redis().resume();
        assertWorksAgain(token);
    }

    @Test
    void aShortStallIsWaitedOut() {
        String token = Tokens.refreshToken(login());
        gateway.redis().command("CLIENT", "PAUSE", "300", "ALL");

        assertThat(gateway.refresh(token).statusCode()).isEqualTo(200);
    }

    @Test
    void aShortOutageIsWaitedOutByManyClientsAtOnce() {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tokens.add(Tokens.refreshToken(gateway.refresh(Tokens.refreshToken(login()))));
        }

        for (String[] fault : new String[][] {
            {"CLIENT", "KILL", "TYPE", "normal"},
            {"CLIENT", "PAUSE", "700", "ALL"},
            {"CLIENT", "KILL", "TYPE", "normal"}
        }) {
            gateway.redis().command(fault);
            List<CompletableFuture<HttpResponse<String>>> answers = tokens.stream()
                    .map(token -> gateway.client()
                            .sendAsync(
                                    gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                                            .POST(BodyPublishers.ofString("{\"refreshToken\":\"" + token + "\"}"))
                                            .build(),
                                    BodyHandlers.ofString()))
                    .toList();
            tokens = answers.stream()
                    .map(CompletableFuture::join)
                    .map(Tokens::refreshToken)
                    .toList();
        }
    }

    @Test
    void aRecordThatCannotBeReadIsItsOwnSessionsTroubleAlone() {
        String healthy = Tokens.refreshToken(login());
        String broken = Tokens.refreshToken(login());
        String sid = Tokens.claims(broken).get("sid").asString();
        String record = gateway.redis().command("KEYS", "*:session:" + sid).trim();
        gateway.redis().command("HSET", record, "v", "2");

        for (int i = 0; i < 12; i++) {
            assertUnavailable(gateway.refresh(broken));
        }

        assertThat(gateway.refresh(healthy).statusCode()).isEqualTo(200);
    }

    @Test
    void aLoginPassesUntouchedWhileRedisIsGone() {
        gateway.redis().stop();

        HttpResponse<String> login = login();

        assertThat(login.statusCode()).isEqualTo(200);
        assertThat(Tokens.claims(Tokens.accessToken(login)).has("sid")).isFalse();
        assertThat(Tokens.header(Tokens.refreshToken(login)).get("typ").asString())
                .isEqualTo("JWT");
    }

    @Test
    void junkIs401WhileRedisIsGone() {
        gateway.redis().stop();

        assertThat(gateway.refresh("a.b.c").statusCode()).isEqualTo(401);
    }

    private static void assertUnavailable(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"error\":");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 3L);
    }

    /** Every answer until then is a 503, and the token was not lost to one of them. */
    private void assertWorksAgain(String token) {
        HttpResponse<String> answer = await().atMost(Duration.ofMinutes(1))
                .until(() -> gateway.refresh(token), back -> {
                    if (back.statusCode() != 200) {
                        assertUnavailable(back);
                    }
                    return back.statusCode() == 200;
                });
        assertThat(gateway.refresh(Tokens.refreshToken(answer)).statusCode()).isEqualTo(200);
    }
}
