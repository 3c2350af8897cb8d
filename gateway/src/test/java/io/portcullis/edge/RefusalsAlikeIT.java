package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import io.portcullis.GatewayFixture;
import io.portcullis.GatewaysKeys;
import io.portcullis.RawClient;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.redis.CommandsSeen;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Why a refresh token is refused is not said: not by a byte of the answer, nor by what is done for it. */
class RefusalsAlikeIT {
    private static final String REFUSED = "{\"error\":\"Invalid or expired refresh token\"}";

    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo();

    private final TestGateway gateway = FIXTURE.gateway();

    private String record(String token) {
        String sid = Tokens.claims(token).get("sid").asString();
        return gateway.redis().command("KEYS", "*:session:" + sid).trim();
    }

    /** The whole answer, from the status line to its last byte. */
    private String refresh(String token) {
        return RawClient.send(gateway.port(), RefreshClient.Raw.request(token));
    }

    private String forgotten() {
        String token = FIXTURE.login();
        gateway.redis().command("DEL", record(token));
        return token;
    }

    private String idle() {
        String token = FIXTURE.login();
        gateway.redis().command("HINCRBY", record(token), "at", "-9999999999");
        return token;
    }

    private String reused() {
        String token = FIXTURE.login();
        gateway.refresh(token);
        return token;
    }

    private String revoked() {
        String token = reused();
        gateway.refresh(token);
        return token;
    }

    private String ofAnotherRealm() {
        JWK key = GatewaysKeys.refreshTokenKey(FIXTURE.keys());
        return GatewaysKeys.withClaim(key, FIXTURE.login(), "aud", "\"app\"");
    }

    @Test
    @SecurityLine(33)
    void unknownExpiredRevokedAndReusedAnswerAlikeAndCostOneScript() {
        Map<String, String> tokens = new LinkedHashMap<>(Map.of(
                "unknown", forgotten(),
                "expired", idle(),
                "revoked", revoked(),
                "reused", reused(),
                "mismatched", ofAnotherRealm()));
        Map<String, String> answers = new LinkedHashMap<>();
        Map<String, Integer> costs = new LinkedHashMap<>();
        tokens.forEach((why, token) -> {
            CommandsSeen commands = CommandsSeen.of(gateway.redis());
            answers.put(why, refresh(token));
            costs.put(why, requestsOf(commands));
        });

        assertThat(answers.get("unknown")).startsWith("HTTP/1.1 401 ").endsWith("\r\n\r\n" + REFUSED);
        assertThat(answers.values()).containsOnly(answers.get("unknown"));
        // the other replicas are told before whoever revoked the session is answered
        assertThat(costs.remove("reused")).isEqualTo(2);
        assertThat(costs.values()).containsOnly(1);
    }

    @Test
    @SecurityLine(33)
    void whatDoesNotVerifyAnswersLikeWhatIsNotKnown() {
        JWK key = GatewaysKeys.refreshTokenKey(FIXTURE.keys());
        String token = FIXTURE.login();

        assertThat(new String[] {
                    refresh(GatewaysKeys.withClaim(key, token, "exp", "1")),
                    refresh(token.substring(0, token.length() - 6) + "AAAAAA"),
                    refresh("a.b.c"),
                    refresh("x")
                })
                .containsOnly(refresh(forgotten()));
    }

    /** Those whose answer the client waits for: events are written afterwards. */
    private static int requestsOf(CommandsSeen commands) {
        return (int) commands.end().stream()
                .filter(command -> !command.contains("portcullis:events"))
                .count();
    }
}
