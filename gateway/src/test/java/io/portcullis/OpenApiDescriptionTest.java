package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The description is as strict a judge as the strictest client. */
class OpenApiDescriptionTest {
    private static final String PAIR =
            "{\"message\":\"Token refreshed successfully\",\"token\":\"a.b.c\",\"refreshToken\":\"d.e.f\",\"expiresIn\":1800}";

    private static List<String> problems(int status, String body, String... headers) {
        Map<String, List<String>> all = new HashMap<>();
        all.put("Content-Type", List.of("application/json"));
        all.put("Cache-Control", List.of("no-store"));
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], List.of(headers[i + 1]));
        }
        return OpenApiDescription.problems(status, HttpHeaders.of(all, (name, value) -> true), body);
    }

    @Test
    void examplesAreAnswersOfTheContract() {
        assertThat(OpenApiDescription.answers().propertyNames())
                .containsExactly("200", "400", "401", "405", "408", "413", "429", "503");
        for (Map.Entry<String, JsonNode> answer : OpenApiDescription.answers().properties()) {
            String example =
                    answer.getValue().at("/content/application~1json/example").toString();
            assertThat(problems(
                            Integer.parseInt(answer.getKey()),
                            example,
                            "Allow",
                            "OPTIONS, POST",
                            "Retry-After",
                            "1",
                            "RateLimit-Limit",
                            "5",
                            "RateLimit-Remaining",
                            "0",
                            "RateLimit-Reset",
                            "30"))
                    .as(answer.getKey())
                    .isEmpty();
        }
    }

    @Test
    void newPairOfTheContractPasses() {
        assertThat(problems(200, PAIR)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"expiresIn\":1800 | \"expiresIn\":1800,\"sid\":\"x\"",
                "\"expiresIn\":1800 | \"expiresIn\":1800.0",
                "\"expiresIn\":1800 | \"expiresIn\":1.8e3",
                "\"expiresIn\":1800 | \"expiresIn\":1800.5",
                "\"expiresIn\":1800 | \"expiresIn\":\"1800\"",
                "\"expiresIn\":1800 | \"expiresIn\":null",
                "\"expiresIn\":1800 | \"expiresIn\":0",
                ",\"expiresIn\":1800 | ~~",
                "\"a.b.c\" | null",
                "\"d.e.f\" | \"def\"",
                "Token refreshed | Token  refreshed"
            })
    void pairThatIsAnyDifferentFails(String from, String to) {
        assertThat(PAIR).contains(from);

        assertThat(problems(200, PAIR.replace(from, to))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 204, 302, 403, 404, 500, 502})
    void statusThatIsNotInTheContractFails(int status) {
        assertThat(problems(status, "{\"error\":\"Not found\"}")).isNotEmpty();
    }

    @Test
    void errorThatSaysAnythingElseFails() {
        assertThat(problems(401, "{\"error\":\"Refresh token reused\"}")).isNotEmpty();
        assertThat(problems(400, "{\"message\":\"Refresh token is required\"}")).isNotEmpty();
        assertThat(problems(413, "Request body is too large")).isNotEmpty();
        assertThat(problems(401, "{\"error\":\"Invalid or expired refresh token\",\"requestId\":\"x\"}"))
                .isEmpty();
    }

    @Test
    @SecurityLine(32)
    void headerThatIsMissingOrMeansSomethingElseFails() {
        String error = "{\"error\":\"x\"}";

        assertThat(problems(405, error)).isNotEmpty();
        assertThat(problems(405, error, "Allow", "GET")).isNotEmpty();
        assertThat(problems(503, error)).isNotEmpty();
        assertThat(problems(503, error, "Retry-After", "0")).isNotEmpty();
        assertThat(problems(503, error, "Retry-After", "2")).isEmpty();
        assertThat(problems(200, PAIR, "Cache-Control", "max-age=60")).isNotEmpty();
        assertThat(problems(200, PAIR, "Content-Type", "text/plain")).isNotEmpty();
    }
}
