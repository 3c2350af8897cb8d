package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.AttemptId;
import io.portcullis.session.Policies;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionRef;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.Successor;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Somebody who uses each token until it brings another one, at any replica, and sometimes leaves before the answer. What its
 * endpoint does at each replica it does there: it continues the attempt that was not answered.
 */
final class HonestClient {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int ONE_IN_SO_MANY_LEAVES = 20;

    private final List<Replica> replicas;
    private final SessionRef session;
    private final Random random;
    private final Map<Replica, AttemptId> abandoned = new HashMap<>();
    private long generation;
    private Successor promised;
    private int unanswered;

    HonestClient(List<Replica> replicas, SessionRef session, Random random) {
        this.replicas = replicas;
        this.session = session;
        this.random = random;
    }

    /** How often it was told 503. */
    int unanswered() {
        return unanswered;
    }

    long generation() {
        return generation;
    }

    /** Has its token exchanged, however often it must ask. */
    void refresh() {
        Replica replica = any();
        while (!isExchangedAt(replica)) {
            replica = random.nextBoolean() ? replica : any();
        }
    }

    private Replica any() {
        return replicas.get(random.nextInt(replicas.size()));
    }

    private boolean isExchangedAt(Replica replica) {
        AttemptId attempt = abandoned.getOrDefault(replica, AttemptId.random());
        try {
            RotationOutcome outcome = replica.store()
                    .rotate(new Rotation(session, generation, attempt, Policies.strict(), null))
                    .block(SOON);
            assertThat(outcome).as("an honest client's answer").isInstanceOf(Rotated.class);
            abandoned.remove(replica);
            return hasArrived(((Rotated) outcome).successor(), attempt, replica);
        } catch (StoreUnavailableException e) {
            notAnswered(attempt, replica);
            return false;
        }
    }

    /** A token leads to the same successor whenever and wherever it is used. */
    private boolean hasArrived(Successor successor, AttemptId attempt, Replica replica) {
        assertThat(successor.generation()).isEqualTo(generation + 1);
        assertThat(promised).isIn(null, successor);
        if (random.nextInt(ONE_IN_SO_MANY_LEAVES) == 0) {
            promised = successor;
            leave(attempt, replica);
            return false;
        }
        promised = null;
        generation = successor.generation();
        abandoned.clear();
        return true;
    }

    private void leave(AttemptId attempt, Replica replica) {
        try {
            replica.store().markUndelivered(session, generation + 1, attempt).block(SOON);
        } catch (StoreUnavailableException e) {
            notAnswered(attempt, replica);
        }
    }

    private void notAnswered(AttemptId attempt, Replica replica) {
        unanswered++;
        abandoned.put(replica, attempt);
    }
}
