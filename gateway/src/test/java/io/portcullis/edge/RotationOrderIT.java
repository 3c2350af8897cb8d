package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import io.portcullis.GatewayFixture;
import io.portcullis.GatewaysKeys;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.token.RawJws;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Which of two tokens is the newer one is said by their generation alone. */
class RotationOrderIT {
    private static final int ROTATIONS = 100;
    private static final int CLIENTS = 8;

    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo();

    @AutoClose
    private static final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);

    private final TestGateway gateway = FIXTURE.gateway();

    private String rotated(String token, int times) {
        String newest = token;
        for (int i = 0; i < times; i++) {
            newest = Tokens.refreshToken(gateway.refresh(newest));
        }
        return newest;
    }

    private void reuse(int rotations) {
        String first = FIXTURE.login();
        String newest = rotated(first, rotations);

        assertThat(gateway.refresh(first).statusCode())
                .as("%d rotations", rotations)
                .isEqualTo(401);
        assertThat(gateway.refresh(newest).statusCode())
                .as("%d rotations", rotations)
                .isEqualTo(401);
    }

    /** As fast as the gateway answers, so that many have the same second. A session for each, since it dies of the first. */
    @Test
    @SecurityLine({3, 9})
    void aTokenIsRefusedHoweverManyRotationsFollowedItAndHoweverFast() {
        CompletableFuture<?>[] all = IntStream.rangeClosed(1, ROTATIONS)
                .mapToObj(rotations -> CompletableFuture.runAsync(() -> reuse(rotations), clients))
                .toArray(CompletableFuture[]::new);

        CompletableFuture.allOf(all).join();
    }

    @Test
    @SecurityLine(3)
    void noTimeOfATokenMakesItNewer() {
        JWK key = GatewaysKeys.refreshTokenKey(FIXTURE.keys());
        String first = FIXTURE.login();
        String second = rotated(first, 1);
        long later = Tokens.claims(second).get("iat").asLong() + 5;
        String laterFirst = GatewaysKeys.withClaim(key, first, "iat", Long.toString(later));
        String earlierSecond = GatewaysKeys.withClaim(key, second, "iat", Long.toString(later - 100));
        assertThat(RawJws.verifies(key, laterFirst)).isTrue();

        String third = Tokens.refreshToken(gateway.refresh(earlierSecond));
        assertThat(Tokens.claims(third).get("gen").asInt()).isEqualTo(2);

        assertThat(gateway.refresh(laterFirst).statusCode()).isEqualTo(401);
        assertThat(gateway.refresh(third).statusCode()).isEqualTo(401);
    }
}
