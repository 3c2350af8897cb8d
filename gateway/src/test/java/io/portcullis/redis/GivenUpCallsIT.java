package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.AttemptId;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Opening;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome.Rotated;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** What Redis comes to when it was given up, since it was frozen or the line was slow, it does not carry out. */
class GivenUpCallsIT {
    private static final RealmPolicy ONE = Policies.limited(Policies.strict(), 1);
    private static final Duration HOUR = Duration.ofHours(1);

    private RedisServer redis;
    private RedisClients clients;
    private RedisSessionStore store;
    private LiveSession session;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, 1).connected();
        store = clients.store(0);
        session = LiveSession.of("ada", store);
        // it has said what time it is
        session.open(ONE);
    }

    @AfterEach
    void end() {
        clients.close();
        redis.close();
    }

    private void assertNotDone(Function<RedisSessionStore, Mono<?>> call) {
        String before = redis.command("DBSIZE");

        StepVerifier.create(call.apply(store)
                        .contextWrite(Deadline.in(Duration.ofSeconds(1).negated())::addedTo))
                .verifyError(NotDoneException.class);

        assertThat(redis.command("DBSIZE")).isEqualTo(before);
        StepVerifier.create(call.apply(store).contextWrite(Deadline.in(HOUR)::addedTo))
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void aRotationIsNotDone() {
        Rotation rotation = new Rotation(session.ref(), 0, AttemptId.random(), ONE, null);

        assertNotDone(redis -> redis.rotate(rotation));

        assertThat(session.rotate(1, ONE)).isInstanceOf(Rotated.class);
    }

    @Test
    void anOpeningEndsNoOtherSession() {
        StepVerifier.create(store.open(new Opening(session.sibling().ref(), ONE, null))
                        .contextWrite(Deadline.in(Duration.ofSeconds(1).negated())::addedTo))
                .verifyError(NotDoneException.class);

        assertThat(session.rotate(0, ONE)).isInstanceOf(Rotated.class);
        LiveSession another = session.sibling();
        assertNotDone(redis -> redis.open(new Opening(another.ref(), ONE, null)));
        assertThat(another.rotate(0, ONE)).isInstanceOf(Rotated.class);
    }

    @Test
    void anEndOfAllEndsNone() {
        assertNotDone(redis ->
                redis.revokeAll(session.subject(), RevocationReason.SUBJECT, ONE, AttemptId.random(), Duration.ZERO));

        assertThat(session.state().tombstone()).isNotNull();
    }

    @Test
    void aMarkIsNotMade() {
        AttemptId attempt = AttemptId.random();
        session.successor(0, attempt, ONE);

        assertNotDone(redis -> redis.markUndelivered(session.ref(), 1, attempt));
    }
}
