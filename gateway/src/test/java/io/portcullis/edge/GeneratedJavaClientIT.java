package io.portcullis.edge;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.generated.ApiClient;
import io.portcullis.generated.ApiException;
import io.portcullis.generated.api.AuthApi;
import io.portcullis.generated.model.RefreshRequest;
import io.portcullis.generated.model.TokenPair;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java client (OkHttp and Gson) that was generated from {@code config/openapi.yaml}, against the gateway. */
class GeneratedJavaClientIT {
    private static final String PAIR =
            "{\"message\":\"Token refreshed successfully\",\"token\":\"a.b.c\",\"refreshToken\":\"d.e.f\",\"expiresIn\":1800}";

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

    private static AuthApi client(String server) {
        return new AuthApi(new ApiClient().setBasePath(server));
    }

    private static TokenPair refresh(AuthApi client, String refreshToken) throws ApiException {
        return client.refresh(new RefreshRequest().refreshToken(refreshToken));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/auth/login", "/api/auth/local/login"})
    void clientRefreshesAndIsRefusedOnceATokenIsReplayed(String login) throws ApiException {
        AuthApi client = client("http://127.0.0.1:" + gateway.port());
        String first = Tokens.refreshToken(
                gateway.post(login, "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}"));

        TokenPair second = refresh(client, first);
        TokenPair third = refresh(client, second.getRefreshToken());

        assertThat(third.getExpiresIn()).isEqualTo(1800);
        assertThat(gateway.get("/api/me", "Authorization", "Bearer " + third.getToken())
                        .statusCode())
                .isEqualTo(200);
        for (String refused : List.of(first, third.getRefreshToken())) {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> refresh(client, refused))
                    .returns(401, ApiException::getCode)
                    .returns("{\"error\":\"Invalid or expired refresh token\"}", ApiException::getResponseBody);
        }
    }

    @Test
    void clientReadsWhatIsMissing() {
        AuthApi client = client("http://127.0.0.1:" + gateway.port());

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> refresh(client, ""))
                .returns(400, ApiException::getCode)
                .returns("{\"error\":\"Refresh token is required\"}", ApiException::getResponseBody);
    }

    @Test
    void clientThrowsOnAMemberThatIsNotDescribed() throws ApiException {
        WireMockServer server =
                new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        try {
            server.stubFor(any(anyUrl()).willReturn(okJson(PAIR)));
            assertThat(refresh(client(server.baseUrl()), "a.b.c").getToken()).isEqualTo("a.b.c");

            server.stubFor(any(anyUrl()).willReturn(okJson(PAIR.replace("}", ",\"sid\":\"x\"}"))));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> refresh(client(server.baseUrl()), "a.b.c"))
                    .withMessageContaining("`sid`");
        } finally {
            server.stop();
        }
    }
}
