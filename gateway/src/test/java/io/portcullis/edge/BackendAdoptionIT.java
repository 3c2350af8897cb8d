package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend.Request;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.redis.CommandsSeen;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Refresh tokens that only the backends can judge, and what becomes of the backends' judgement. */
class BackendAdoptionIT {
    private static AdoptionWorld world;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        world = new AdoptionWorld();
        gateway = world.gateway();
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @AfterEach
    void everyRequestOfTheBackendWasExpected() {
        assertThat(world.backend().waiting()).isZero();
    }

    @Test
    void aTokenThatTheBackendExchangesOpensASession() {
        String old = world.oldToken();
        world.exchangesFor("\"id\":\"usr_1\",\"email\":\"ada@example.org\",\"projectId\":\"prj_1\",\"rate\":1.50");

        HttpResponse<String> answer = gateway.refresh(old);
        world.backend().take();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Tokens.verifiedClaims(world.keys().accessTokenKey(), Tokens.accessToken(answer)))
                .matches("\\{\"id\":\"usr_1\",\"email\":\"ada@example.org\",\"projectId\":\"prj_1\",\"rate\":1.50,"
                        + "\"iat\":\\d+,\"exp\":\\d+,\"sid\":\"[\\w-]{44}\"}");
        assertThat(Tokens.claims(Tokens.refreshToken(answer)).get("aud").asString())
                .isEqualTo("app");
        assertThat(gateway.refresh(Tokens.refreshToken(answer)).statusCode()).isEqualTo(200);
    }

    @Test
    void anAccessTokenWithoutTheClaimsOfAnotherRealmIsTheFallbacks() {
        world.exchangesFor("\"sub\":\"usr_2\",\"role\":\"member\"");

        HttpResponse<String> answer = gateway.refresh(world.oldToken());
        world.backend().take();

        assertThat(Tokens.claims(Tokens.refreshToken(answer)).get("aud").asString())
                .isEqualTo("dashboard");
    }

    @Test
    void whoPresentsTheTokenAgainRevokesTheSessionThatItOpened() {
        String old = world.oldToken();
        world.exchangesFor("\"sub\":\"usr_1\"");
        String newest = Tokens.refreshToken(gateway.refresh(Tokens.refreshToken(gateway.refresh(old))));
        world.backend().take();

        assertThat(gateway.refresh(old).statusCode()).isEqualTo(401);

        assertThat(gateway.refresh(newest).statusCode()).isEqualTo(401);
        assertThat(gateway.refresh(old).statusCode()).isEqualTo(401);
    }

    @Test
    void anotherReplicaKnowsTheTokenToo() {
        String old = world.oldToken();
        world.exchangesFor("\"sub\":\"usr_1\"");
        TestGateway other = world.replica();
        String newest = Tokens.refreshToken(gateway.refresh(old));
        world.backend().take();

        assertThat(other.refresh(old).statusCode()).isEqualTo(401);

        assertThat(gateway.refresh(newest).statusCode()).isEqualTo(401);
    }

    @Test
    void theBackendGetsTheClientsOwnRequest() {
        String body = "{ \"refreshToken\" : \"" + world.oldToken() + "\"}\n";
        world.exchangesFor("\"sub\":\"usr_1\"");

        gateway.send(gateway.request("/api/auth/refresh")
                .headers("Content-Type", "application/json; charset=utf-8", "User-Agent", "okhttp/4.12.0")
                .headers("X-Forwarded-For", "203.0.113.7", "Accept-Encoding", "gzip, br")
                .POST(BodyPublishers.ofString(body)));

        Request request = world.backend().take();
        assertThat(request.line()).isEqualTo("POST /api/auth/refresh HTTP/1.1");
        assertThat(request.body()).isEqualTo(body);
        assertThat(request.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
        assertThat(request.header("User-Agent")).isEqualTo("okhttp/4.12.0");
        assertThat(request.header("Host")).isEqualTo("127.0.0.1:" + gateway.port());
        assertThat(request.header("X-Forwarded-For")).isEqualTo("127.0.0.1");
        assertThat(request.header("Content-Length")).isEqualTo(Integer.toString(body.length()));
        assertThat(request.header("Accept-Encoding")).isEqualTo("identity");
        assertThat(request.headers("Accept")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | {\"error\":\"Refresh token is required\",\"code\":7}",
                "401 | {\"error\":\"Refresh token revoked\"}",
                "403 | {\"error\":\"x\",\"code\":\"EMAIL_VERIFICATION_REQUIRED\"}",
                "429 | {\"error\":\"Too many requests\",\"retryAfter\":30}"
            })
    void theBackendsRefusalReachesTheClientAndTheTokenMayBeTriedAgain(int status, String json) throws Exception {
        String old = world.oldToken();
        world.answers(status, json, "Retry-After: 30", "RateLimit-Remaining: 0", "X-Powered-By: x");

        // not through the description of our own answers
        HttpResponse<String> refused = gateway.client()
                .send(
                        gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"refreshToken\":\"" + old + "\"}"))
                                .build(),
                        BodyHandlers.ofString());
        world.backend().take();

        assertThat(refused.statusCode()).isEqualTo(status);
        assertThat(refused.body()).isEqualTo(json);
        assertThat(refused.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("30");
        assertThat(refused.headers().firstValue("RateLimit-Remaining")).hasValue("0");
        assertThat(refused.headers().firstValue("X-Powered-By")).isEmpty();
        assertThat(gateway.redis().command("EXISTS", AdoptionWorld.adoptionOf(old)))
                .isEqualTo("0");
        world.exchangesFor("\"sub\":\"usr_1\"");
        assertThat(gateway.refresh(old).statusCode()).isEqualTo(200);
        world.backend().take();
    }

    @Test
    @SecurityLine(19)
    void anAccessTokenThatTheBackendRefusesOpensNothing() {
        world.answers(401, "{\"error\":\"Invalid or expired refresh token\"}");
        long sessions = sessions();

        assertThat(gateway.refresh(world.access("\"sub\":\"usr_9\"")).statusCode())
                .isEqualTo(401);

        world.backend().take();
        assertThat(sessions()).isEqualTo(sessions);
    }

    @Test
    @SecurityLine(19)
    void junkCostsNeitherARedisCommandNorARequest() {
        world.answers(200, world.tokens(world.access("\"sub\":\"usr_1\",\"projectId\":\"prj_1\"")));
        HttpResponse<String> login = gateway.post("/api/auth/local/login", "{}");
        world.backend().take();
        String ours = Tokens.refreshToken(login);
        CommandsSeen commands = CommandsSeen.of(gateway.redis());

        for (String junk : new String[] {
            "junk",
            "a.b.c",
            // an access token that the gateway has had in its hands
            Tokens.accessToken(login),
            world.oldToken("\"exp\":" + (Instant.now().getEpochSecond() - 3600)),
            world.oldToken("\"exp\":\"tomorrow\""),
            world.oldToken("\"long\":\"" + "x".repeat(8192) + "\""),
            world.oldToken("\"twice\":1,\"twice\":2"),
            ours.substring(0, ours.lastIndexOf('.') + 1) + "AAAA",
            "eyJhbGciOiJub25lIn0." + world.oldToken().split("\\.")[1] + ".AAAA",
        }) {
            assertThat(gateway.refresh(junk).statusCode()).as(junk).isEqualTo(401);
        }

        assertThat(commands.end()).isEmpty();
    }

    private static long sessions() {
        return gateway.redis().command("KEYS", "*:sessions:*").lines().count();
    }
}
