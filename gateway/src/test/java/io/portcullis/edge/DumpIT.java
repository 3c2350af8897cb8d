package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What somebody finds who gets hold of all that Redis has: security.md, 25. */
class DumpIT {

    @Test
    @SecurityLine(25)
    void aDumpOfAHundredSessionsLetsNobodyInAndNamesNobody() throws IOException {
        DemoKeys keys = DemoKeys.generate();
        List<String> secrets = new ArrayList<>();
        try (DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
                TestGateway gateway = TestGateway.start(keys, backend.uri())) {
            gateway.redis().command("CONFIG", "SET", "rdbcompression", "no");
            for (int i = 0; i < 100; i++) {
                String email = "person" + i + "@example.com";
                HttpResponse<String> login = gateway.post(
                        "/api/auth/login",
                        "{\"email\":\"" + email + "\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
                HttpResponse<String> refresh = gateway.refresh(Tokens.refreshToken(login));
                secrets.add(email);
                secrets.add(Tokens.claims(Tokens.accessToken(login)).get("sub").asString());
                for (String token : List.of(
                        Tokens.accessToken(login),
                        Tokens.refreshToken(login),
                        Tokens.accessToken(refresh),
                        Tokens.refreshToken(refresh))) {
                    secrets.addAll(List.of(token.split("\\.")).subList(1, 3));
                }
            }
            gateway.redis().command("SET", "canary", secrets.get(0) + " is found where it is");
            gateway.redis().command("SAVE");
            String dump =
                    Files.readString(gateway.redis().directory().resolve("dump.rdb"), StandardCharsets.ISO_8859_1);

            assertThat(dump).contains("portcullis:{", secrets.get(0) + " is found where it is");
            String withoutCanary = dump.replace(secrets.get(0) + " is found where it is", "");
            assertThat(secrets).hasSize(1000).noneMatch(withoutCanary::contains);
            assertThat(gateway.redis().command("KEYS", "portcullis:*session:*").lines())
                    .hasSize(100);
        } finally {
            keys.close();
        }
    }
}
