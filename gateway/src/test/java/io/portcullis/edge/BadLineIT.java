package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.FaultyProxy;
import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import io.portcullis.redis.RedisUsers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A gateway whose line to Redis goes bad in every way there is, and good again. */
class BadLineIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private static RedisServer redis;
    private static FaultyProxy line;
    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;
    /** Another replica, whose line is good. */
    private static TestGateway elsewhere;

    /** What may be wrong with Redis. */
    private enum Trouble {
        FROZEN {
            @Override
            void begin() {
                redis.pause();
            }

            @Override
            void end() {
                redis.resume();
            }
        },
        SILENT {
            @Override
            void begin() {
                line.swallowAfter(Direction.TO_CLIENT, 0);
            }
        },
        BLACK_HOLE {
            @Override
            void begin() {
                line.swallowAfter(Direction.TO_SERVER, 0);
            }
        },
        REFUSING {
            @Override
            void begin() {
                line.refuse();
                line.cutNow(End.RST);
            }
        },
        SLOW {
            @Override
            void begin() {
                line.delay(Duration.ofSeconds(1));
            }
        },
        VERY_SLOW {
            @Override
            void begin() {
                line.delay(Duration.ofSeconds(3));
            }
        };

        abstract void begin();

        void end() {
            // no connection lives on with a gap in it
            line.refuse();
            line.cutNow(End.RST);
            line.behave();
        }
    }

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        line = FaultyProxy.before(redis.port());
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway =
                TestGateway.startElsewhere(keys, backend.uri(), "spring.data.redis.url=" + RedisUsers.url(line.port()));
        elsewhere = TestGateway.startElsewhere(keys, backend.uri(), "spring.data.redis.url=" + redis.url());
    }

    @AfterAll
    static void end() throws IOException {
        gateway.close();
        elsewhere.close();
        backend.close();
        line.close();
        redis.close();
        keys.close();
    }

    @BeforeEach
    void closeTheCircuitBreaker() {
        circuitBreaker().transitionToClosedState();
    }

    private static CircuitBreaker circuitBreaker() {
        return gateway.bean(CircuitBreakerRegistry.class).circuitBreaker("store");
    }

    private static void answerWith(String json) {
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json);
    }

    /** A login with a session; it was refreshed once, so that Redis knows the script. */
    private static HttpResponse<String> login(String subject) {
        return login(subject, gateway);
    }

    private static HttpResponse<String> login(String subject, TestGateway gateway) {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                keys.accessTokenKey(),
                "{\"sub\":\"" + subject + "\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        answerWith("{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\",\"expiresIn\":1800}");
        HttpResponse<String> login = gateway.post("/api/auth/login", "{}");
        assertThat(Tokens.claims(Tokens.accessToken(login)).has("sid")).isTrue();
        HttpResponse<String> refreshed = gateway.refresh(Tokens.refreshToken(login));
        assertThat(refreshed.statusCode()).isEqualTo(200);
        return refreshed;
    }

    private static HttpResponse<String> call(String method, String path, String bearer) {
        answerWith("{\"message\":\"done\"}");
        return gateway.send(gateway.request(path, "Authorization", "Bearer " + bearer)
                .method(method, BodyPublishers.ofString("{}")));
    }

    private static double pending(String what) {
        return gateway.bean(MeterRegistry.class)
                .get("portcullis." + what + ".pending")
                .gauge()
                .value();
    }

    private static long retryAfter(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"error\":");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        return answer.headers().firstValueAsLong("Retry-After").orElse(0);
    }

    /** Every answer until then is a 503, and the token was not lost to one of them. */
    private static void assertWorksAgain(String token) {
        HttpResponse<String> answer = await().atMost(SOON).until(() -> gateway.refresh(token), back -> {
            if (back.statusCode() != 200) {
                assertThat(retryAfter(back)).isBetween(1L, 3L);
            }
            return back.statusCode() == 200;
        });
        assertThat(gateway.refresh(Tokens.refreshToken(answer)).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void refreshIs503InTimeAndWorksAgainWhenRedisIs(Trouble trouble) {
        String token = Tokens.refreshToken(login("usr_1"));
        trouble.begin();
        try {
            long asked = System.nanoTime();
            HttpResponse<String> answer = gateway.refresh(token);
            Duration took = Duration.ofNanos(System.nanoTime() - asked);

            System.out.printf("%s: 503 after %d ms%n", trouble, took.toMillis());
            assertThat(retryAfter(answer)).isBetween(1L, 3L);
            assertThat(took).isLessThan(SOON);
        } finally {
            trouble.end();
        }

        assertWorksAgain(token);
    }

    @Test
    void whileTheCircuitBreakerIsOpenRedisIsNotAskedAndClientsComeBackAtDifferentTimes() {
        String token = Tokens.refreshToken(login("usr_2"));
        circuitBreaker().transitionToForcedOpenState();

        Set<Long> retryAfter = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            retryAfter.add(retryAfter(gateway.refresh(token)));
        }

        assertThat(circuitBreaker().getMetrics().getNumberOfNotPermittedCalls()).isEqualTo(50);
        assertThat(pending("marks")).isZero();
        assertThat(retryAfter).hasSizeGreaterThan(1).allMatch(seconds -> seconds > 0);
        circuitBreaker().transitionToClosedState();
        assertWorksAgain(token);
    }

    @Test
    void circuitBreakerOpensAndItsStateIsAMetricAndItClosesByItself() {
        String token = Tokens.refreshToken(login("usr_3"));
        line.refuse();
        line.cutNow(End.RST);

        await().atMost(SOON).until(() -> {
            gateway.refresh(token);
            return metric("open") == 1;
        });
        line.behave();

        assertWorksAgain(token);
        await().atMost(SOON).until(() -> {
            HttpResponse<String> another = gateway.refresh(Tokens.refreshToken(login("usr_3")));
            return another.statusCode() == 200 && metric("closed") == 1;
        });
    }

    private static double metric(String state) {
        return gateway.send(HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus")))
                .body()
                .lines()
                .filter(sample -> sample.startsWith("resilience4j_circuitbreaker_state{"))
                .filter(sample -> sample.contains("name=\"store\"") && sample.contains("state=\"" + state + "\""))
                .mapToDouble(sample -> Double.parseDouble(sample.substring(sample.lastIndexOf(' ') + 1)))
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"POST,/api/auth/logout", "PATCH,/api/users/password"})
    void whatABackendEndedWhileRedisWasAwayIsEndedWhenItIsBack(String method, String path) {
        HttpResponse<String> session = login("usr_4");
        HttpResponse<String> strangers = login("usr_5");
        line.refuse();
        line.cutNow(End.RST);

        HttpResponse<String> ended = call(method, path, Tokens.accessToken(session));
        double kept = pending("endings");
        line.behave();
        await().atMost(SOON).until(() -> pending("endings") == 0);

        assertThat(ended.statusCode()).isEqualTo(200);
        assertThat(ended.body()).isEqualTo("{\"message\":\"done\"}");
        assertThat(kept).isPositive();
        await().atMost(SOON)
                .until(() -> gateway.refresh(Tokens.refreshToken(session)).statusCode() == 401);
        assertThat(call("GET", "/api/me", Tokens.accessToken(session)).statusCode())
                .isEqualTo(401);
        assertWorksAgain(Tokens.refreshToken(strangers));
    }

    @Test
    void whoLogsInElsewhereAfterHisSessionsEndedWithoutRedisStaysIn() {
        HttpResponse<String> before = login("usr_6");
        line.refuse();
        line.cutNow(End.RST);

        call("PATCH", "/api/users/password", Tokens.accessToken(before));
        HttpResponse<String> after = login("usr_6", elsewhere);
        assertThat(pending("endings")).isPositive();
        line.behave();
        await().atMost(SOON).until(() -> pending("endings") == 0);

        assertThat(elsewhere.refresh(Tokens.refreshToken(before)).statusCode()).isEqualTo(401);
        assertThat(elsewhere.refresh(Tokens.refreshToken(after)).statusCode()).isEqualTo(200);
    }
}
