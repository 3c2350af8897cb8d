package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import io.portcullis.GatewayFixture;
import io.portcullis.GatewaysKeys;
import io.portcullis.RawClient;
import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoBackend;
import io.portcullis.redis.CommandsSeen;
import io.portcullis.token.RawJws;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attacks of RFC 8725 on the running gateway: none costs a command of Redis, and the genuine token is as good as before. */
class ForgedTokensIT {
    private static final String REFUSED = "{\"error\":\"Invalid or expired refresh token\"}";

    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo();

    private final TestGateway gateway = FIXTURE.gateway();
    private final JWK key = GatewaysKeys.refreshTokenKey(FIXTURE.keys());
    private final String genuine = FIXTURE.login();
    private final String header = RawJws.header(genuine);
    private final String payload = RawJws.payload(genuine);

    private RawConnection client;
    private CommandsSeen commands;

    @BeforeEach
    void begin() {
        client = RawConnection.to(gateway.port());
        commands = CommandsSeen.of(gateway.redis());
    }

    @AfterEach
    void nothingHasHappened() {
        client.close();
        assertThat(commands.end()).isEmpty();
        assertThat(gateway.refresh(genuine).statusCode()).isEqualTo(200);
        assertThat(FIXTURE.backend().refreshesReached()).isZero();
    }

    private void assertRefused(String token) {
        client.write(RefreshClient.Raw.request(token).replace("Connection: close\r\n", ""));
        String head = client.head();
        assertThat(head).as(token).startsWith("HTTP/1.1 401 ");
        assertThat(client.text(REFUSED.length())).isEqualTo(REFUSED);
    }

    private String signed(String otherHeader) {
        return RawJws.sign(key, otherHeader, payload);
    }

    @Test
    @SecurityLine(16)
    void noneAndAnotherKeysAlgorithmAreRefused() {
        String input = genuine.substring(genuine.indexOf('.'), genuine.lastIndexOf('.'));
        String signature = genuine.substring(genuine.lastIndexOf('.'));
        for (String alg : List.of("none", "None", "NONE", "nOnE", "")) {
            String none = RawJws.encode(header.replace("HS256", alg)) + input;
            Stream.of(none, none + ".", none + signature).forEach(this::assertRefused);
        }
        byte[] secret = key.toOctetSequenceKey().toByteArray();
        for (String alg : List.of("HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "hs256")) {
            String other = header.replace("HS256", alg);
            assertRefused(RawJws.encode(other) + input + signature);
            assertRefused(RawJws.hmac(secret, JWSAlgorithm.HS256, other, payload));
        }
        // the key that the backend has
        assertRefused(RawJws.sign(FIXTURE.keys().accessTokenKey(), header, payload));
    }

    @Test
    @SecurityLine(17)
    void aHostileKidIsNeverLookedUp(@TempDir Path directory) throws IOException {
        // whoever reads the file that kid names, and takes it for the key, is taken in
        byte[] known = "0123456789abcdef0123456789abcdef".getBytes();
        Path file = Files.write(directory.resolve("known"), known);
        String kid = GatewaysKeys.kid(key);
        for (String hostile : List.of(
                file.toString(),
                file.toUri().toString(),
                "../../../../../../.." + file,
                "/dev/null",
                "*",
                "?",
                kid.charAt(0) + "*",
                "%",
                "' OR '1'='1",
                kid + "'; DROP TABLE keys; --",
                kid + "\\u0000",
                kid + " ",
                "portcullis:*",
                "\\r\\nFLUSHALL\\r\\n",
                "a".repeat(9_000))) {
            String other = header.replace(kid, hostile);
            assertRefused(signed(other));
            assertRefused(RawJws.hmac(known, JWSAlgorithm.HS256, other, payload));
        }
        String hundredKilobytes = RefreshClient.Raw.request(signed(header.replace(kid, "a".repeat(100_000))));
        assertThat(RawClient.send(gateway.port(), hundredKilobytes)).startsWith("HTTP/1.1 413 ");
    }

    @Test
    @SecurityLine(18)
    void aKeyThatATokenBringsAlongIsNeitherFetchedNorBelieved() {
        byte[] own = "0123456789abcdef0123456789abcdef".getBytes();
        String jwk = "{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"" + RawJws.encode(own) + "\"}";
        try (RawListener evil = RawListener.start()) {
            for (String more : List.of(
                    "\"jku\":\"" + evil.uri() + "/keys.json\"",
                    "\"x5u\":\"" + evil.uri() + "/chain.pem\"",
                    "\"jwk\":" + jwk,
                    "\"x5c\":[\"MIIB\"]",
                    "\"crit\":[\"exp\"]",
                    "\"crit\":[\"b64\"],\"b64\":false",
                    "\"zip\":\"DEF\"",
                    "\"cty\":\"JWT\"")) {
                String other = header.replaceFirst("}$", "," + more + "}");
                assertRefused(signed(other));
                assertRefused(RawJws.hmac(own, JWSAlgorithm.HS256, other, payload));
            }
            assertThat(evil.isLeftAloneFor(200)).isTrue();
        }
    }

    @Test
    @SecurityLine(19)
    void aTokenForAnotherOrOfAnotherTimeIsRefused() {
        for (String[] claim : new String[][] {
            {"iss", "\"evil\""},
            {"iss", "\"Portcullis\""},
            {"aud", "\"nobody\""},
            {"aud", "[\"dashboard\"]"},
            {"exp", "1"},
            {"exp", "-1"},
            {"exp", "null"},
            {"exp", "1e99"},
            {"gen", "-1"},
            {"gen", "\"0\""},
            {"sid", "\"*\""},
            {"sid", "\"AAAAAAAAAAAAAAAAAAAAAAAA\""}
        }) {
            assertRefused(GatewaysKeys.withClaim(key, genuine, claim[0], claim[1]));
        }
        for (String typ : List.of("JWT", "at+jwt", "RT+JWT", "")) {
            assertRefused(signed(header.replace("rt+jwt", typ)));
        }
        assertRefused(signed(header.replace("\"typ\":\"rt+jwt\",", "")));
    }

    @Test
    @SecurityLine(19)
    void aRefreshTokenOpensNoRouteOfTheApi() {
        assertThat(gateway.get("/api/me", "Authorization", "Bearer " + genuine).statusCode())
                .isEqualTo(401);
    }

    @Test
    @SecurityLine(23)
    void everyFlippedBitIsRefused() {
        String[] segments = genuine.split("\\.");
        for (int segment = 0; segment < segments.length; segment++) {
            byte[] bytes = Base64.getUrlDecoder().decode(segments[segment]);
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                byte[] flipped = bytes.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                String[] forged = segments.clone();
                forged[segment] = RawJws.encode(flipped);
                assertRefused(String.join(".", forged));
            }
        }
    }

    @Test
    @SecurityLine(23)
    void noOtherFormThanCompactIsTaken() {
        String[] parts = genuine.split("\\.");
        Stream.of(
                        genuine + ".",
                        genuine + "." + parts[2],
                        genuine + "=",
                        "." + genuine,
                        parts[0] + "." + parts[1],
                        parts[0] + ".." + parts[2],
                        genuine + "." + genuine,
                        genuine.replace('-', '+').replace('_', '/') + "=",
                        RawJws.encode(genuine),
                        RawJws.sign(key, header, genuine),
                        RawJws.sign(key, header, "\\\"" + genuine + "\\\""),
                        "Bearer " + genuine,
                        "{\\\"payload\\\":\\\"" + parts[1] + "\\\",\\\"protected\\\":\\\"" + parts[0]
                                + "\\\",\\\"signature\\\":\\\"" + parts[2] + "\\\"}",
                        RawJws.encode("{\"alg\":\"dir\",\"enc\":\"A128CBC-HS256\",\"cty\":\"JWT\"}") + ".." + parts[1]
                                + "." + parts[1] + "." + parts[2])
                .forEach(this::assertRefused);
    }
}
