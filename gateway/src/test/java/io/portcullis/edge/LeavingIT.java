package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend.Request;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A gateway that is about to be taken away: what is the backends' passes, what is its own goes on. */
class LeavingIT {
    private static AdoptionWorld world;
    private static TestGateway staying;
    private static TestGateway leaving;

    @BeforeAll
    static void start() {
        world = new AdoptionWorld();
        staying = world.gateway();
        leaving = staying.replica(
                world.backend().uri(),
                "portcullis.leaving=true",
                "portcullis.adoption.backend-uri=" + world.backend().uri() + "/api/auth/refresh");
    }

    @AfterAll
    static void stop() {
        leaving.close();
        world.close();
    }

    @AfterEach
    void everyRequestOfTheBackendWasExpected() {
        assertThat(world.backend().waiting()).isZero();
    }

    private static HttpResponse<String> login(TestGateway gateway) {
        world.exchangesFor("\"sub\":\"usr_1\"");
        HttpResponse<String> login = gateway.post("/api/auth/login", "{}");
        world.backend().take();
        return login;
    }

    @Test
    void aLoginPassesAsItIs() {
        String answer = world.tokens(world.access("\"sub\":\"usr_1\""));
        world.answers(200, answer);

        HttpResponse<String> login = leaving.post("/api/auth/login", "{}");
        world.backend().take();

        assertThat(login.body()).isEqualTo(answer);
    }

    @Test
    void aTokenOfTheBackendsIsExchangedByThem() {
        String answer =
                world.tokens(world.access("\"sub\":\"usr_1\"")).replace("\"ok\"", "\"Token refreshed successfully\"");
        world.answers(200, answer);
        String old = world.oldToken();

        HttpResponse<String> first = leaving.refresh(old);
        Request request = world.backend().take();
        HttpResponse<String> second = leaving.refresh(old);
        world.backend().take();

        assertThat(request.line()).isEqualTo("POST /api/auth/refresh HTTP/1.1");
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.body()).isEqualTo(answer);
        assertThat(first.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(second.body())
                .as("whether a token may come back is theirs to say")
                .isEqualTo(answer);
    }

    @Test
    void whatTheyRefuseIsRefused() {
        world.answers(401, "{\"error\":\"Invalid or expired refresh token\"}");

        HttpResponse<String> answer = leaving.refresh(world.oldToken());
        world.backend().take();

        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @Test
    void whatTheyDoNotDecideIsUnavailable() {
        world.answers(500, "{\"error\":\"x\"}");

        HttpResponse<String> answer = leaving.refresh(world.oldToken());
        world.backend().take();

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void aSessionGoesOnAndAReuseRevokesIt() {
        String first = Tokens.refreshToken(login(staying));

        HttpResponse<String> refresh = leaving.refresh(first);
        String second = Tokens.refreshToken(refresh);

        assertThat(refresh.statusCode()).isEqualTo(200);
        assertThat(leaving.refresh(first).statusCode()).isEqualTo(401);
        assertThat(leaving.refresh(second).statusCode()).isEqualTo(401);
    }
}
