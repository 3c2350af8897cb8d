package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.operations.WebhookReceiver.Post;
import io.portcullis.redis.StoredRecords;
import io.portcullis.session.SubjectHash;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the operator is told: each outcome once, in the log, and reuses and revocations in the stream and by the webhook. */
class EventsIT {
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String DASHBOARD = "/api/auth/login";
    private static final String APP = "/api/auth/local/login";

    private static DemoKeys keys;
    private static DemoBackend backend;
    private static WebhookReceiver receiver;
    private static TestGateway gateway;
    private CapturedLog log;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        receiver = new WebhookReceiver();
        gateway = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.forwarded.trusted-proxies=127.0.0.1",
                "portcullis.realms.app.reuse.action=report",
                "portcullis.webhook.uri=" + receiver.uri(),
                "portcullis.webhook.secret=whsec_" + Base64.getEncoder().encodeToString(SECRET));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        receiver.close();
        backend.close();
        keys.close();
    }

    @BeforeEach
    void listen() {
        receiver.taken().clear();
        gateway.redis().command("DEL", "portcullis:events");
        log = CapturedLog.of("portcullis.events", Level.DEBUG);
    }

    @AfterEach
    void stopListening() {
        log.close();
    }

    private static HttpResponse<String> login(String path) {
        return gateway.post(
                path,
                "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}",
                "X-Forwarded-For",
                "203.0.113.9");
    }

    private static String refresh(String token) {
        HttpResponse<String> answer = gateway.post(
                "/api/auth/refresh", "{\"refreshToken\":\"" + token + "\"}", "X-Forwarded-For", "203.0.113.9");
        return answer.statusCode() == 200 ? Tokens.refreshToken(answer) : "refused";
    }

    private ILoggingEvent only(String action) {
        List<ILoggingEvent> lines = log.lines().stream()
                .filter(line -> action.equals(CapturedLog.pairs(line).get("event.action")))
                .toList();
        assertThat(lines).as(action).hasSize(1);
        return lines.get(0);
    }

    private static String sid(String token) {
        return Tokens.claims(token).get("sid").asString();
    }

    private static String subjectHash(String token) {
        return SubjectHash.of("dashboard", Tokens.claims(token).get("sub").asString())
                .value();
    }

    private JsonNode posted(String type) {
        await().atMost(SOON).until(() -> receiver.taken().stream().anyMatch(post -> isOf(post.body(), type)));
        List<Post> posts = receiver.taken().stream()
                .filter(post -> isOf(post.body(), type))
                .toList();
        assertThat(posts).hasSize(1);
        return JsonMapper.shared().readTree(posts.get(0).body());
    }

    private static boolean isOf(String json, String type) {
        return json.contains("\"type\":\"" + type + "\"");
    }

    private static String stream() {
        return gateway.redis().command("XRANGE", "portcullis:events", "-", "+");
    }

    @Test
    void anOpenedSessionIsToldWithoutItsToken() {
        String token = Tokens.refreshToken(login(DASHBOARD));

        ILoggingEvent opened = only("session.opened");
        assertThat(opened.getLevel()).isEqualTo(Level.INFO);
        assertThat(CapturedLog.pairs(opened))
                .containsEntry("portcullis.realm", "dashboard")
                .containsEntry("portcullis.sid", sid(token))
                .containsEntry("portcullis.current", 0L)
                .containsEntry("user.hash", subjectHash(token))
                .containsEntry("client.ip", "203.0.113.9");
        assertThat(gateway.redis().command("KEYS", "*:sessions:*")).contains(subjectHash(token));
    }

    @Test
    void aRefreshIsToldAtDebugOnly() {
        refresh(Tokens.refreshToken(login(DASHBOARD)));

        ILoggingEvent rotated = only("refresh.rotated");
        assertThat(rotated.getLevel()).isEqualTo(Level.DEBUG);
        assertThat(CapturedLog.pairs(rotated))
                .containsEntry("portcullis.presented", 0L)
                .containsEntry("portcullis.current", 1L);
    }

    @Test
    void aRaceIsToldInTheLogTheStreamAndByTheWebhook() throws Exception {
        String first = Tokens.refreshToken(login(DASHBOARD));
        refresh(first);

        refresh(first);

        ILoggingEvent reused = only("refresh.reused");
        Map<String, Object> pairs = CapturedLog.pairs(reused);
        assertThat(reused.getLevel()).isEqualTo(Level.WARN);
        assertThat(reused.getFormattedMessage())
                .startsWith("Refresh token reused, session revoked: realm=dashboard subject=" + subjectHash(first)
                        + " sid=" + sid(first) + " presented=0 current=1 kind=race behind=1 age_ms=")
                .endsWith(" client=203.0.113.9");
        assertThat(pairs)
                .containsEntry("portcullis.kind", "race")
                .containsEntry("portcullis.behind", 1L)
                .containsEntry("client.ip", "203.0.113.9");
        assertThat((long) pairs.get("portcullis.age_ms")).isBetween(0L, 10_000L);

        JsonNode posted = posted("refresh.reused");
        assertThat(posted.get("id").asString()).isEqualTo(pairs.get("event.id"));
        assertThat(posted.get("data").get("kind").asString()).isEqualTo("race");
        assertThat(posted.get("data").get("client").asString()).isEqualTo("203.0.113.9");
        Post post = receiver.taken().peek();
        assertThat(post.headers().get("webhook-signature"))
                .isEqualTo("v1,"
                        + HandMadeHmac.base64(
                                SECRET, post.id() + "." + post.headers().get("webhook-timestamp") + "." + post.body()));

        await().atMost(SOON).until(() -> isOf(stream(), "refresh.reused"));
        assertThat(stream())
                .contains((String) pairs.get("event.id"), sid(first), "\"kind\":\"race\"")
                .doesNotContain("203.0.113.9", "eyJ");
        assertThat(gateway.redis().command("PTTL", "portcullis:events")).isNotEqualTo("-1");
    }

    @Test
    void anOlderTokenIsStale() {
        String first = Tokens.refreshToken(login(DASHBOARD));
        refresh(refresh(refresh(first)));

        refresh(first);

        assertThat(CapturedLog.pairs(only("refresh.reused")))
                .containsEntry("portcullis.kind", "stale")
                .containsEntry("portcullis.presented", 0L)
                .containsEntry("portcullis.current", 3L)
                .containsEntry("portcullis.behind", 3L);
    }

    @Test
    void inShadowModeAReuseIsDetectedCountedToldAndLetThrough() {
        String first = Tokens.refreshToken(login(APP));
        String second = refresh(first);
        double before = reported();

        String answer = refresh(first);

        assertThat(answer).isEqualTo(second);
        assertThat(refresh(second)).isNotEqualTo("refused");
        ILoggingEvent told = only("refresh.reported");
        assertThat(told.getLevel()).isEqualTo(Level.WARN);
        assertThat(CapturedLog.pairs(told)).containsEntry("portcullis.kind", "race");
        assertThat(posted("refresh.reported").get("data").get("sid").asString()).isEqualTo(sid(first));
        await().atMost(SOON).until(() -> isOf(stream(), "refresh.reported"));
        assertThat(reported()).isEqualTo(before + 1);
    }

    private static double reported() {
        return gateway.bean(io.micrometer.core.instrument.MeterRegistry.class)
                .get("portcullis.reuses")
                .tags("realm", "app", "kind", "race", "action", "report")
                .counter()
                .count();
    }

    @Test
    void whatIsRefusedIsToldWithItsReason() {
        String first = Tokens.refreshToken(login(DASHBOARD));
        String second = refresh(first);
        refresh(first);
        refresh(second);
        String unknown = Tokens.refreshToken(login(DASHBOARD));
        StoredRecords.of(gateway.redis(), sid(unknown)).remove();
        refresh(unknown);
        refresh("nonsense");
        refresh(unknown.substring(0, unknown.length() - 4) + "AAAA");

        assertThat(only("refresh.revoked").getLevel()).isEqualTo(Level.INFO);
        assertThat(only("refresh.unknown").getLevel()).isEqualTo(Level.INFO);
        assertThat(only("refresh.malformed").getLevel()).isEqualTo(Level.DEBUG);
        assertThat(CapturedLog.pairs(only("refresh.forged")))
                .containsEntry("portcullis.realm", "none")
                .doesNotContainKey("portcullis.sid");
    }

    @Test
    void anEndedSessionIsToldInTheLogTheStreamAndByTheWebhook() {
        HttpResponse<String> login = login(DASHBOARD);
        gateway.send(gateway.request("/api/auth/logout", "Authorization", "Bearer " + Tokens.accessToken(login))
                .POST(BodyPublishers.noBody()));
        // turned away at the edge: there is nothing left to end
        gateway.send(gateway.request("/api/auth/logout", "Authorization", "Bearer " + Tokens.accessToken(login))
                .POST(BodyPublishers.noBody()));
        ManagementPort.of(gateway).delete(ManagementPort.SESSIONS + "/" + sid(Tokens.refreshToken(login)));

        assertThat(log.lines().stream()
                        .filter(line ->
                                "session.ended".equals(CapturedLog.pairs(line).get("event.action")))
                        .map(line ->
                                line.getLevel() + " " + CapturedLog.pairs(line).get("portcullis.outcome") + " "
                                        + CapturedLog.pairs(line).get("portcullis.reason")))
                .containsExactly("INFO revoked logout", "DEBUG already_revoked admin");
        assertThat(posted("session.ended").get("data").get("reason").asString()).isEqualTo("logout");
        await().atMost(SOON).until(() -> isOf(stream(), "session.ended"));
    }

    @Test
    void anAnswerThatPassesAsItWasIsTold() {
        gateway.post(DASHBOARD, "{\"email\":\"ada@example.com\",\"password\":\"wrong\"}");
        log.clear();
        DemoKeys others = DemoKeys.generate();
        try (DemoBackend stranger = DemoBackend.start(others.accessTokenKey());
                TestGateway misconfigured = TestGateway.start(keys, stranger.uri())) {
            try (CapturedLog captured = CapturedLog.of("portcullis.events", Level.INFO)) {
                misconfigured.post(
                        DASHBOARD, "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");

                assertThat(captured.lines()).hasSize(1);
                assertThat(captured.lines().get(0).getLevel()).isEqualTo(Level.WARN);
                assertThat(CapturedLog.pairs(captured.lines().get(0)))
                        .containsEntry("event.action", "answer.untouched")
                        .containsEntry("portcullis.reason", "unverified")
                        .containsEntry("portcullis.cause", "signature");
            }
        }
        others.close();
    }
}
