package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Events of a gateway from its start to its end. */
@ExtendWith(OutputCaptureExtension.class)
class EventsOfAProcessIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private DemoKeys keys;
    private DemoBackend backend;
    private WebhookReceiver receiver;

    @BeforeEach
    void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        receiver = new WebhookReceiver();
    }

    @AfterEach
    void stop() {
        receiver.close();
        backend.close();
        keys.close();
    }

    private TestGateway gateway(String... properties) {
        String[] all = new String[properties.length + 2];
        System.arraycopy(properties, 0, all, 2, properties.length);
        all[0] = "portcullis.webhook.uri=" + receiver.uri();
        all[1] = "portcullis.webhook.secret=" + Base64.getEncoder().encodeToString(new byte[32]);
        return TestGateway.start(keys, backend.uri(), all);
    }

    private static void reuse(TestGateway gateway) {
        String token = Tokens.refreshToken(gateway.post(
                "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"));
        gateway.refresh(token);
        gateway.refresh(token);
    }

    @Test
    @SecurityLine(47)
    void anEventThatWaitsToBeSentAgainIsSentBeforeTheEnd() {
        receiver.answer(500);
        try (TestGateway gateway = gateway("portcullis.events.flush-timeout=15s")) {
            reuse(gateway);
            await().atMost(SOON).until(() -> !receiver.refused().isEmpty());
            receiver.answer(200);
        }

        assertThat(receiver.taken()).hasSize(1);
        assertThat(receiver.taken().peek().id())
                .isEqualTo(receiver.refused().peek().id());
    }

    @Test
    void theEndComesAlthoughTheReceiverHangs(CapturedOutput output) {
        receiver.hang();
        try (TestGateway gateway = gateway("portcullis.events.flush-timeout=500ms")) {
            reuse(gateway);
            await().atMost(SOON).until(() -> !receiver.refused().isEmpty());
        }

        assertThat(output).contains("1 events were not delivered to the webhook before the end");
    }

    @Test
    void theLogIsJsonOfTheElasticCommonSchemaByOneProperty(CapturedOutput output) {
        try (TestGateway gateway = gateway("logging.structured.format.console=ecs")) {
            reuse(gateway);
        } finally {
            // Spring Boot leaves it to the next application of this JVM
            System.clearProperty("CONSOLE_LOG_STRUCTURED_FORMAT");
        }

        List<JsonNode> lines = output.getOut()
                .lines()
                .filter(line -> line.contains("refresh.reused"))
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
        assertThat(lines).hasSize(1);
        JsonNode line = lines.get(0);
        assertThat(line.at("/ecs/version").asString()).isNotEmpty();
        assertThat(line.at("/log/logger").asString()).isEqualTo("portcullis.events");
        assertThat(field(line, "event.action").asString()).isEqualTo("refresh.reused");
        assertThat(field(line, "client.ip").asString()).isEqualTo("127.0.0.1");
        assertThat(field(line, "user.hash").asString()).hasSize(22);
        assertThat(field(line, "portcullis.presented").asInt()).isZero();
        assertThat(field(line, "portcullis.kind").asString()).isEqualTo("race");
    }

    /** A dotted name is a nested one to those who read the schema. */
    private static JsonNode field(JsonNode line, String name) {
        return line.has(name) ? line.get(name) : line.at("/" + name.replace('.', '/'));
    }
}
