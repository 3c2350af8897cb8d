package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.GatewayFixture;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A refresh races a logout: however they meet in Redis, no usable token is left. */
class LogoutRaceIT {
    private static final int RACES = 60;

    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE =
            GatewayFixture.beforeDemo("portcullis.store.command-timeout=2s", "portcullis.store.budget=2500ms");

    private final TestGateway gateway = FIXTURE.gateway();

    private record Session(String accessToken, String refreshToken) {}

    private Session login() {
        // refreshed once, so that Redis knows the script
        HttpResponse<String> answer = gateway.refresh(FIXTURE.login());
        return new Session(Tokens.accessToken(answer), Tokens.refreshToken(answer));
    }

    private CompletableFuture<HttpResponse<String>> refresh(Session session) {
        return send(gateway.request("/api/auth/refresh", "Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"refreshToken\":\"" + session.refreshToken() + "\"}")));
    }

    private CompletableFuture<HttpResponse<String>> logout(Session session) {
        return send(gateway.request("/api/auth/logout", "Authorization", "Bearer " + session.accessToken())
                .POST(BodyPublishers.noBody()));
    }

    private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
        return gateway.client().sendAsync(request.build(), BodyHandlers.ofString());
    }

    @Test
    @SecurityLine(10)
    void theTokenOfARefreshThatALogoutFollowsIsOfNoUse() {
        Session session = login();
        gateway.redis().freezeWrites();
        CompletableFuture<HttpResponse<String>> refresh = refresh(session);
        gateway.redis().awaitFrozenWrite();
        CompletableFuture<HttpResponse<String>> logout = logout(session);
        gateway.redis().thawWrites();

        HttpResponse<String> refreshed = refresh.join();
        assertThat(logout.join().statusCode()).isEqualTo(200);

        assertThat(refreshed.statusCode()).isEqualTo(200);
        assertThat(gateway.refresh(Tokens.refreshToken(refreshed)).statusCode()).isEqualTo(401);
    }

    @Test
    @SecurityLine(10)
    void aRefreshThatFollowsALogoutThatIsNotAnsweredYetIsRefused() {
        Session session = login();
        gateway.redis().freezeWrites();
        CompletableFuture<HttpResponse<String>> logout = logout(session);
        gateway.redis().awaitFrozenWrite();
        CompletableFuture<HttpResponse<String>> refresh = refresh(session);
        assertThat(logout).isNotDone();
        gateway.redis().thawWrites();

        assertThat(refresh.join().statusCode()).isEqualTo(401);
        assertThat(logout.join().statusCode()).isEqualTo(200);
    }

    @Test
    @SecurityLine(10)
    void noTokenIsOfUseHoweverARefreshAndALogoutMeet() {
        Random random = new Random(20261125);
        int refreshesFirst = 0;
        for (int i = 0; i < RACES; i++) {
            Session session = login();
            boolean refreshStarts = random.nextBoolean();
            CompletableFuture<HttpResponse<String>> refresh = refreshStarts ? refresh(session) : null;
            CompletableFuture<HttpResponse<String>> logout = refreshStarts ? null : logout(session);
            // a head start between nothing and the time that a request takes
            LockSupport.parkNanos(random.nextInt(3_000_000));
            refresh = refresh == null ? refresh(session) : refresh;
            logout = logout == null ? logout(session) : logout;

            HttpResponse<String> refreshed = refresh.join();
            assertThat(logout.join().statusCode()).isEqualTo(200);

            if (refreshed.statusCode() == 200) {
                refreshesFirst++;
                assertThat(gateway.refresh(Tokens.refreshToken(refreshed)).statusCode())
                        .isEqualTo(401);
            }
            assertThat(gateway.refresh(session.refreshToken()).statusCode()).isEqualTo(401);
        }
        // both orders were met
        assertThat(refreshesFirst).isBetween(1, RACES - 1);
    }
}
