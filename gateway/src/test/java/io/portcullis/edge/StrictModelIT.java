package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.portcullis.GatewayFixture;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The strictest of the clients' models together: a member too many or too few, a null and a number that is not written as
 * an integer all throw. Whatever way a pair came about, it parses.
 */
class StrictModelIT {
    private static final String PAIR =
            "{\"message\":\"Token refreshed successfully\",\"token\":\"a.b.c\",\"refreshToken\":\"d.e.f\",\"expiresIn\":1800}";
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo(
            "portcullis.realms.dashboard.reuse.grace=1h", "portcullis.realms.app.reuse.action=report");

    private record Pair(String message, String token, String refreshToken, int expiresIn) {}

    @Test
    void everyNewPairParses() {
        TestGateway gateway = FIXTURE.gateway();
        String dashboard = FIXTURE.login();
        String app = FIXTURE.login("/api/auth/local/login");

        HttpResponse<String> rotated = gateway.refresh(dashboard);
        HttpResponse<String> replayed = gateway.refresh(dashboard);
        HttpResponse<String> second = gateway.refresh(app);
        HttpResponse<String> reported = gateway.refresh(app);

        for (HttpResponse<String> answer : List.of(rotated, replayed, second, reported)) {
            Pair pair = STRICT.readValue(answer.body(), Pair.class);
            assertThat(pair.refreshToken()).isEqualTo(Tokens.refreshToken(answer));
            assertThat(pair.expiresIn()).isEqualTo(1800);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"expiresIn\":1800 | \"expiresIn\":1800,\"sid\":\"x\"",
                "\"expiresIn\":1800 | \"expiresIn\":1800.0",
                "\"expiresIn\":1800 | \"expiresIn\":1.8e3",
                "\"expiresIn\":1800 | \"expiresIn\":\"1800\"",
                "\"expiresIn\":1800 | \"expiresIn\":null",
                ",\"expiresIn\":1800 | ~~",
                "\"a.b.c\" | null"
            })
    void pairThatIsAnyDifferentThrows(String from, String to) {
        assertThat(STRICT.readValue(PAIR, Pair.class).expiresIn()).isEqualTo(1800);
        assertThat(PAIR).contains(from);

        assertThatExceptionOfType(DatabindException.class)
                .isThrownBy(() -> STRICT.readValue(PAIR.replace(from, to), Pair.class));
    }
}
