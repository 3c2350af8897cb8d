package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.session.AdoptedToken;
import io.portcullis.session.AttemptId;
import io.portcullis.session.History;
import io.portcullis.session.HistoryChecker;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** One token, presented two hundred times at once over several connections. */
class TwoHundredUsesIT {
    private static final int USES = 200;
    private static final int CONNECTIONS = 8;
    private static final RealmPolicy STRICT = Policies.strict();
    private static final RealmPolicy GRACE = Policies.withGrace(Duration.ofHours(1));

    private static RedisServer redis;
    private static RedisClients clients;

    private final History history = new History();
    private List<SessionStore> stores = recorded(clients::store);

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, CONNECTIONS).connected();
    }

    @AfterAll
    static void end() {
        clients.close();
        redis.close();
    }

    @Test
    @SecurityLine(2)
    void exactlyOneIsGranted() {
        LiveSession session = opened(STRICT);

        List<RotationOutcome> outcomes = useAtOnce(session, STRICT, AttemptId::random, null);

        assertThat(outcomes).hasSize(USES);
        assertThat(outcomes).filteredOn(Granted.class::isInstance).hasSize(1);
        assertThat(outcomes).filteredOn(Reused.class::isInstance).hasSize(1);
        assertThat(outcomes).filteredOn(Revoked.class::isInstance).hasSize(USES - 2);
        assertThat(session.rotate(1, STRICT)).isEqualTo(new Revoked());
        assertThat(HistoryChecker.isExplained(history.operations())).isTrue();
    }

    @Test
    void withGraceAllGetTheSameSuccessor() {
        LiveSession session = opened(GRACE);

        List<RotationOutcome> outcomes = useAtOnce(session, GRACE, AttemptId::random, null);

        assertThat(outcomes).hasSize(USES).allMatch(Granted.class::isInstance);
        assertThat(outcomes).filteredOn(Replayed.class::isInstance).hasSize(USES - 1);
        assertThat(successors(outcomes)).isOne();
        assertThat(session.rotate(1, GRACE)).isInstanceOf(Rotated.class);
        assertThat(HistoryChecker.isExplained(history.operations())).isTrue();
    }

    @Test
    void repeatedAttemptsAllGetTheSameSuccessor() {
        LiveSession session = opened(STRICT);
        AttemptId attempt = AttemptId.random();

        List<RotationOutcome> outcomes = useAtOnce(session, STRICT, () -> attempt, null);

        assertThat(outcomes).hasSize(USES).allMatch(Rotated.class::isInstance);
        assertThat(successors(outcomes)).isOne();
        assertThat(session.rotate(1, STRICT)).isInstanceOf(Rotated.class);
        assertThat(HistoryChecker.isExplained(history.operations())).isTrue();
    }

    @Test
    void backendTokenIsAdoptedOnce() {
        LiveSession session = LiveSession.of("ada", stores.get(0));

        List<RotationOutcome> outcomes = useAtOnce(
                session,
                STRICT,
                AttemptId::random,
                new AdoptedToken(Instant.now().plusSeconds(3600), null));

        assertThat(outcomes)
                .filteredOn(Granted.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(
                        Rotated.class, rotated -> assertThat(rotated.cause()).isEqualTo(RotationCause.ADOPTED));
        assertThat(HistoryChecker.isExplained(history.operations())).isTrue();
    }

    @Test
    void naiveStoreGrantsSeveral() {
        stores = recorded(client -> new NaiveSessionStore(clients.template(client)));
        LiveSession session = opened(STRICT);

        List<RotationOutcome> outcomes = useAtOnce(session, STRICT, AttemptId::random, null);

        assertThat(outcomes).filteredOn(Granted.class::isInstance).hasSizeGreaterThan(1);
        assertThat(HistoryChecker.isExplained(history.operations())).isFalse();
    }

    private LiveSession opened(RealmPolicy policy) {
        LiveSession session = LiveSession.of("ada", stores.get(0));
        session.open(policy);
        return session;
    }

    /** Redis is frozen until all have been sent: nobody is answered before everybody has asked. */
    private List<RotationOutcome> useAtOnce(
            LiveSession session, RealmPolicy policy, Supplier<AttemptId> attempt, @Nullable AdoptedToken adopted) {
        for (int client = 0; client < CONNECTIONS; client++) {
            LiveSession.of("nobody", clients.store(client)).revoke();
        }
        Flux<RotationOutcome> uses = Flux.range(0, USES)
                .flatMap(
                        i -> stores.get(i % CONNECTIONS)
                                .rotate(new Rotation(session.ref(), 0, attempt.get(), policy, adopted)),
                        USES);

        redis.pause();
        CompletableFuture<List<RotationOutcome>> outcomes = uses.collectList().toFuture();
        redis.resume();
        return outcomes.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static long successors(List<RotationOutcome> outcomes) {
        return outcomes.stream()
                .map(outcome -> ((Granted) outcome).successor())
                .distinct()
                .count();
    }

    private List<SessionStore> recorded(IntFunction<SessionStore> store) {
        return IntStream.range(0, CONNECTIONS)
                .mapToObj(store)
                .map(history::recording)
                .toList();
    }
}
