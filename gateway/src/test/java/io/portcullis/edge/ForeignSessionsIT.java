package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import io.portcullis.GatewayFixture;
import io.portcullis.GatewaysKeys;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.session.SubjectHash;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a client says beside its token, and tokens of others that name its session, change nothing. */
class ForeignSessionsIT {
    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo();

    private final TestGateway gateway = FIXTURE.gateway();
    private final JWK key = GatewaysKeys.refreshTokenKey(FIXTURE.keys());

    /** Another subject whose sessions may have the same ids. */
    private static String neighbour(String subject) {
        String partition = SubjectHash.of(subject).partition();
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "eve" + i)
                .filter(name -> SubjectHash.of(name).partition().equals(partition))
                .findFirst()
                .orElseThrow();
    }

    private void assertRefusedAndHarmless(String foreign, String victims) {
        assertThat(gateway.refresh(foreign).statusCode()).isEqualTo(401);

        HttpResponse<String> next = gateway.refresh(victims);
        assertThat(next.statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(Tokens.refreshToken(next)).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 9})
    @SecurityLine(14)
    void aTokenOfAnotherRealmIsRefusedAndLeavesTheSessionAlone(int generation) {
        String victims = Tokens.refreshToken(gateway.refresh(FIXTURE.login()));

        String elsewhere = GatewaysKeys.withClaim(key, victims, "aud", "\"app\"");

        assertRefusedAndHarmless(elsewhere, victims);
        assertRefusedAndHarmless(
                GatewaysKeys.withClaim(key, elsewhere, "gen", Integer.toString(generation)), FIXTURE.login());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 9})
    @SecurityLine(14)
    void aTokenOfAnotherSubjectIsRefusedAndLeavesTheSessionAlone(int generation) {
        String victims = Tokens.refreshToken(gateway.refresh(FIXTURE.login()));
        String subject = Tokens.claims(victims).get("sub").asString();
        String eves = GatewaysKeys.withClaim(key, victims, "sub", "\"" + neighbour(subject) + "\"");

        assertRefusedAndHarmless(GatewaysKeys.withClaim(key, eves, "gen", Integer.toString(generation)), victims);
        assertRefusedAndHarmless(
                GatewaysKeys.withClaim(key, FIXTURE.login(), "sub", "\"in another partition\""), FIXTURE.login());
    }

    @Test
    @SecurityLine(13)
    void nothingThatIsSaidBesideATokenIsInItsSuccessor() {
        HttpResponse<String> first = gateway.refresh(FIXTURE.login());

        HttpResponse<String> second = gateway.post(
                "/api/auth/refresh?scope=admin&role=admin&realm=app",
                "{\"grant_type\":\"refresh_token\",\"scope\":\"admin\",\"role\":\"admin\",\"realm\":\"app\",\"aud\":\"app\","
                        + "\"sub\":\"root\",\"exp\":9999999999,\"expiresIn\":9999999,\"claims\":{\"role\":\"admin\"},"
                        + "\"token\":\"" + Tokens.accessToken(first) + "\",\"refreshToken\":\""
                        + Tokens.refreshToken(first) + "\",\"access_claims\":{\"role\":\"admin\"}}",
                "X-Role",
                "admin",
                "X-Scope",
                "admin");

        assertThat(second.statusCode()).isEqualTo(200);
        assertSameBut(Tokens.accessToken(first), Tokens.accessToken(second), "iat", "exp");
        assertSameBut(Tokens.refreshToken(first), Tokens.refreshToken(second), "iat", "exp", "gen");
        assertThat(Tokens.json(second).get("expiresIn").asInt()).isEqualTo(1800);
        assertThat(Tokens.claims(Tokens.accessToken(second)).get("exp").asLong()
                        - Tokens.claims(Tokens.accessToken(second)).get("iat").asLong())
                .isEqualTo(1800);
    }

    private static void assertSameBut(String before, String after, String... changing) {
        JsonNode one = Tokens.claims(before);
        JsonNode other = Tokens.claims(after);
        assertThat(other.propertyNames()).containsExactlyElementsOf(one.propertyNames());
        assertThat(one.propertyNames()).contains(changing);
        one.propertyNames().stream()
                .filter(name -> !List.of(changing).contains(name))
                .forEach(name -> assertThat(other.get(name)).as(name).isEqualTo(one.get(name)));
    }
}
