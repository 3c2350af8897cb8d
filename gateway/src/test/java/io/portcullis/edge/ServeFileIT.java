package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.portcullis.OpenApiDescription;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The description of the refresh endpoint, as the gateway serves it. */
class ServeFileIT {
    private static final String PATH = "/.well-known/portcullis/openapi.yaml";

    private static DemoKeys keys;
    private static DemoBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        gateway = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    @Test
    void fileIsServedAsItIsAndMayBeCached() {
        HttpResponse<String> answer = gateway.get(PATH);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(OpenApiDescription.text());
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/yaml");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("max-age=3600, public");
    }

    @Test
    void fileThatIsKnownIsNotSentAgain() {
        String etag = gateway.get(PATH).headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> known = gateway.get(PATH, "If-None-Match", etag);
        HttpResponse<String> other = gateway.get(PATH, "If-None-Match", "\"other\"");

        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        assertThat(other.statusCode()).isEqualTo(200);
    }

    @Test
    void headHasTheLengthAndNoBody() {
        HttpResponse<String> answer = gateway.send(gateway.request(PATH).method("HEAD", BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValueAsLong("Content-Length"))
                .hasValue(gateway.get(PATH).body().length());
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void whatElseIsAskedOfThePathIsForTheBackend() {
        assertThat(gateway.post(PATH, "{}").headers().firstValue("ETag")).isEmpty();
        assertThat(gateway.get(PATH + "/more").headers().firstValue("ETag")).isEmpty();
    }

    @Test
    void fileThatIsNotThereIsNamed() {
        ServedFile missing = new ServedFile();
        missing.setFile("config/no-such-file.yaml");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ServeFileGatewayFilterFactory().apply(missing))
                .withMessageContaining("/config/no-such-file.yaml cannot be read")
                .withNoCause();
    }
}
