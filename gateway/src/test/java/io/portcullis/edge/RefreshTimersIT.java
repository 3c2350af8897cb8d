package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

/** What a refresh asks of the store is timed by the event loop that it came on: no other thread is woken for it. */
class RefreshTimersIT {
    private static final String HOOK = RefreshTimersIT.class.getName();

    private final Collection<String> ofReactor = new ConcurrentLinkedQueue<>();
    private DemoKeys keys;
    private DemoBackend backend;
    private TestGateway gateway;

    @BeforeEach
    void start() {
        keys = DemoKeys.generate();
        backend = DemoBackend.start(keys.accessTokenKey());
        gateway = TestGateway.start(keys, backend.uri());
        Schedulers.onScheduleHook(HOOK, task -> {
            ofReactor.add(task.getClass().getName());
            return task;
        });
    }

    @AfterEach
    void stop() {
        Schedulers.resetOnScheduleHook(HOOK);
        gateway.close();
        backend.close();
        keys.close();
    }

    private static Predicate<String> ofTheStore() {
        return task -> task.startsWith("io.portcullis.redis.TimedSending");
    }

    private String login() {
        HttpResponse<String> answer = gateway.post(
                "/api/auth/login", "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        return Tokens.refreshToken(answer);
    }

    @Test
    void unlessSpringHasRoutedIt() {
        String token = login();
        ofReactor.clear();

        HttpResponse<String> onTheConnection = gateway.refresh(token);
        assertThat(onTheConnection.statusCode()).isEqualTo(200);
        assertThat(ofReactor).noneMatch(ofTheStore());

        // that one does not say on which loop it is: what another thread's timer looks like
        HttpResponse<String> bySpring = gateway.post(
                "/api/auth/refresh?a=b", "{\"refreshToken\":\"" + Tokens.refreshToken(onTheConnection) + "\"}");
        assertThat(bySpring.statusCode()).isEqualTo(200);
        assertThat(ofReactor).anyMatch(ofTheStore());
    }
}
