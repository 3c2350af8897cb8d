package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the cluster asks a gateway, at the port and path that the manifests say, is answered. */
class ProbesIT {
    private static DemoKeys keys;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        gateway = TestGateway.start(keys, "http://127.0.0.1:9");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        keys.close();
    }

    private static HttpResponse<String> ask(String portName, String path) {
        int port = portName.equals("management") ? gateway.managementPort() : gateway.port();
        return gateway.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void everyProbeIsAnswered() {
        JsonNode container = new GatewayDeployment(Overlays.manifest("prod")).container();

        assertThat(List.of("startupProbe", "readinessProbe", "livenessProbe")).allSatisfy(probe -> {
            JsonNode request = container.path(probe).path("httpGet");
            HttpResponse<String> answer =
                    ask(request.path("port").asString(), request.path("path").asString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{\"status\":\"UP\"}");
        });
    }

    @Test
    void prometheusIsAnswered() {
        JsonNode endpoint = Overlays.manifest("prod+monitoring")
                .get("ServiceMonitor", "portcullis")
                .at("/spec/endpoints/0");

        HttpResponse<String> answer =
                ask(endpoint.path("port").asString(), endpoint.path("path").asString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("portcullis_store_available");
    }
}
