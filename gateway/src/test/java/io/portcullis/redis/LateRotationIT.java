package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.portcullis.session.AttemptId;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionLookup;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What a frozen Redis comes to when its client has been told 503 and may be at another replica by now. */
class LateRotationIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration SENDING = Duration.ofMillis(300);
    private static final RealmPolicy STRICT = Policies.strict();

    private RedisServer redis;
    private RedisClients clients;
    private SessionStore patient;
    private LiveSession session;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 2).connected();
        SessionStore first = clients.store(0);
        patient = resilient(first, SOON);
        session = LiveSession.of("ada", patient);
        session.open(STRICT);
        // so that the script is known, and runs as soon as Redis reads on
        session.rotate(0, STRICT);
        session = new LiveSession(resilient(first, Duration.ofSeconds(1)), session.ref());
    }

    @AfterEach
    void end() {
        clients.close();
        redis.close();
    }

    private static SessionStore resilient(SessionStore store, Duration budget) {
        KeptCalls marks = new KeptCalls(10, Duration.ofMinutes(10));
        return new ResilientSessionStore(
                store,
                CircuitBreaker.ofDefaults("store"),
                marks,
                new Unsettled(),
                budget,
                SENDING,
                InstantSource.system());
    }

    @Test
    void rotationThatWasGivenUpIsNotCarriedOut() {
        redis.pause();
        assertThatThrownBy(() -> session.rotate(1, STRICT)).isInstanceOf(StoreUnavailableException.class);
        redis.resume();
        // Redis takes the commands of a connection in their order
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> session.find() instanceof SessionLookup.Found);

        RotationOutcome elsewhere = new LiveSession(resilient(clients.store(1), SOON), session.ref()).rotate(1, STRICT);

        assertThat(elsewhere).isInstanceOf(Rotated.class);
        assertThat(((Rotated) elsewhere).cause()).isEqualTo(RotationCause.FIRST_USE);
        assertThat(((Rotated) elsewhere).successor().generation()).isEqualTo(2);
    }

    @Test
    void rotationThatIsStillWaitedForIsCarriedOut() throws Exception {
        redis.pause();
        CompletableFuture<RotationOutcome> outcome = patient.rotate(
                        new Rotation(session.ref(), 1, AttemptId.random(), STRICT, null))
                .toFuture();
        redis.resume();

        assertThat(outcome.get(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Rotated.class,
                        rotated -> assertThat(rotated.successor().generation()).isEqualTo(2));
    }

    @Test
    void callIsCarriedOutAgainAfterOneThatCameTooLate() {
        redis.pause();
        assertThatThrownBy(() -> session.rotate(1, STRICT)).isInstanceOf(StoreUnavailableException.class);
        redis.resume();

        RotationOutcome outcome = await().atMost(SOON)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> session.rotate(1, STRICT), Rotated.class::isInstance);

        assertThat(((Rotated) outcome).cause()).isEqualTo(RotationCause.FIRST_USE);
    }

    /** As by a node of a cluster that thaws, and sends who asked on to the one that took over. */
    @Test
    void sendingThatComesAfterTheNextIsNoReuse() {
        AtomicReference<Mono<RotationOutcome>> heldUp = new AtomicReference<>();
        SessionStore first = clients.store(0);
        SessionStore unsteady = (SessionStore) Proxy.newProxyInstance(
                SessionStore.class.getClassLoader(),
                new Class<?>[] {SessionStore.class},
                (proxy, method, arguments) -> {
                    Rotation rotation = (Rotation) arguments[0];
                    return Mono.deferContextual(call -> {
                        Mono<RotationOutcome> sending =
                                first.rotate(rotation).contextWrite(context -> context.putAll(call));
                        return heldUp.compareAndSet(null, sending) ? Mono.never() : sending;
                    });
                });
        session = new LiveSession(resilient(unsteady, SOON), session.ref());
        session.rotate(1, STRICT);
        session.rotate(2, STRICT);

        assertThatThrownBy(() -> heldUp.get().block(SOON)).isInstanceOf(StoreUnavailableException.class);

        assertThat(session.rotate(3, STRICT)).isInstanceOf(Rotated.class);
    }
}
