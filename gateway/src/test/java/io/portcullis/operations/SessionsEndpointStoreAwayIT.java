package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The endpoint {@code sessions} while Redis is away. */
class SessionsEndpointStoreAwayIT {

    @Test
    void operatorIsToldThatTheStoreCannotBeReached() {
        try (DemoKeys keys = DemoKeys.generate();
                RawBackend backend = RawBackend.start();
                TestGateway gateway = TestGateway.start(keys, backend.uri())) {
            ManagementPort operator = ManagementPort.of(gateway);
            String sid = ManagementPort.SESSIONS + "/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
            assertThat(operator.get(sid).statusCode()).isEqualTo(404);
            gateway.redis().kill();

            List<HttpResponse<String>> answers = List.of(
                    operator.get(sid),
                    operator.get(ManagementPort.of("app", "u1")),
                    operator.delete(sid),
                    operator.delete(ManagementPort.of("app", "u1")),
                    operator.post(
                            ManagementPort.SESSIONS,
                            "{\"realm\":\"app\",\"subject\":\"u1\",\"claims\":\"{\\\"role\\\":1}\"}"));

            assertThat(answers).allSatisfy(answer -> {
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body()).isEqualTo("{\"error\":\"the store cannot be reached, try again\"}");
            });
        }
    }
}
