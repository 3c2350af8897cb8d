package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawClient;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without operators the endpoint is for who sits at the gateway's own machine, not for whom a proxy there lets through. */
class OwnMachineIT {
    private static DemoKeys keys;
    private static TestGateway gateway;
    private static TestGateway open;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        gateway = TestGateway.start(keys, "http://127.0.0.1:9");
        open = gateway.replica("http://127.0.0.1:9", "management.server.address=0.0.0.0");
    }

    @AfterAll
    static void stop() {
        open.close();
        gateway.close();
        keys.close();
    }

    private static String status(TestGateway gateway, String from, String headers) {
        return RawClient.sendFrom(
                        from,
                        gateway.managementPort(),
                        "GET /actuator/sessions?realm=app&subject=u1 HTTP/1.1\r\nHost: localhost\r\n"
                                + "Connection: close\r\n" + headers + "\r\n")
                .substring(9, 12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.6"})
    void whoeverSitsThereIsLetIn(String from) {
        assertThat(status(gateway, from, "User-Agent: curl/8\r\nAccept: */*\r\n"))
                .isEqualTo("200");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Forwarded: for=203.0.113.7",
                "X-Forwarded-For: 203.0.113.7",
                "x-forwarded-for: 127.0.0.1",
                "X-Forwarded-Proto: http",
                "X_Forwarded_Host: localhost",
                "X-Original-Forwarded-For: 203.0.113.7",
                "X-Real-IP: 203.0.113.7",
                "X-Client-IP: 203.0.113.7",
                "X-Cluster-Client-IP: 203.0.113.7",
                "True-Client-IP: 203.0.113.7",
                "CF-Connecting-IP: 203.0.113.7",
                "Via: 1.1 a",
                "x-envoy-attempt-count: 1",
                "x-request-id: 8f1c",
                "l5d-client-id: a",
                "Forwarded:",
                "Via:"
            })
    void whatAProxyThereSendsIsForbidden(String header) {
        assertThat(status(gateway, "127.0.0.6", header + "\r\n")).isEqualTo("403");
    }

    @Test
    void onAPortThatOthersCanReachNobodyIsLetIn() {
        assertThat(status(open, "127.0.0.1", "")).isEqualTo("403");
        assertThat(RawClient.send(
                        open.managementPort(),
                        "GET /actuator/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }
}
