package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portcullis.operations.WebhookReceiver.Post;
import io.portcullis.session.SessionId;
import io.portcullis.session.SubjectHash;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.HttpResources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One post, to a server on a real socket. */
class WebhookTest {
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(20);
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final WebhookReceiver receiver = new WebhookReceiver();

    @AfterEach
    void stop() {
        receiver.close();
    }

    private Webhook webhook(byte[] secret) {
        return new Webhook(
                receiver.uri(), secret, Duration.ofSeconds(5), 4, HttpResources.get(), InstantSource.fixed(NOW));
    }

    private static byte[] secret() {
        return "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    }

    static SessionEvent event(String id) {
        return new SessionEvent(
                id,
                NOW,
                "refresh.reused",
                "app",
                SubjectHash.of("app", "ada"),
                SessionId.random("app", "ada"),
                Map.of("presented", 3L),
                "203.0.113.7");
    }

    @Test
    void anEventIsPostedAsJson() {
        SessionEvent event = event("evt_1");

        webhook(secret()).post(event).block(ANSWERS_WITHIN);

        Post post = receiver.taken().remove();
        assertThat(post.method() + " " + post.path()).isEqualTo("POST /hook");
        assertThat(post.headers()).containsEntry("content-type", "application/json");
        JsonNode body = JsonMapper.shared().readTree(post.body());
        assertThat(body.get("id").asString()).isEqualTo("evt_1");
        assertThat(body.get("type").asString()).isEqualTo("refresh.reused");
        assertThat(body.get("timestamp").asString()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(body.get("data").toString())
                .isEqualTo(
                        "{\"realm\":\"app\",\"subject\":\"%s\",\"sid\":\"%s\",\"presented\":3,\"client\":\"203.0.113.7\"}"
                                .formatted(SubjectHash.of("app", "ada"), event.session()));
    }

    /** HMAC (RFC 2104) written out over SHA-256 of the JDK, so that nothing of the sender's is asked. */
    @Test
    void theSignatureIsThatOfStandardWebhooks() throws Exception {
        webhook(secret()).post(event("evt_2")).block(ANSWERS_WITHIN);

        Post post = receiver.taken().remove();
        assertThat(post.headers())
                .containsEntry("webhook-id", "evt_2")
                .containsEntry("webhook-timestamp", Long.toString(NOW.getEpochSecond()));
        String signed = "evt_2." + NOW.getEpochSecond() + "." + post.body();
        assertThat(post.headers().get("webhook-signature")).isEqualTo("v1," + HandMadeHmac.base64(secret(), signed));
    }

    @Test
    void theHandMadeHmacIsThatOfTheRfc() throws Exception {
        // RFC 4231, 4.3
        byte[] mac = HandMadeHmac.of("Jefe".getBytes(StandardCharsets.UTF_8), "what do ya want for nothing?");

        assertThat(HexFormat.of().formatHex(mac))
                .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 503})
    void anAnswerThatIsNot2xxIsAFailureAndNoRedirectIsFollowed(int status) {
        receiver.answer(status);

        assertThatThrownBy(() -> webhook(secret()).post(event("evt_3")).block(ANSWERS_WITHIN))
                .hasMessageContaining("answered " + status);
        assertThat(receiver.refused()).extracting(Post::path).containsExactly("/hook");
        assertThat(receiver.taken()).isEmpty();
    }

    @Test
    void aReceiverThatHangsIsAFailureInTime() {
        receiver.hang();
        Webhook hasty = new Webhook(
                receiver.uri(), secret(), Duration.ofMillis(300), 4, HttpResources.get(), InstantSource.system());

        assertThatThrownBy(() -> hasty.post(event("evt_4")).block(ANSWERS_WITHIN))
                .cause()
                .isInstanceOf(TimeoutException.class)
                // and not that of this test
                .hasMessageContaining("300ms");
    }
}
