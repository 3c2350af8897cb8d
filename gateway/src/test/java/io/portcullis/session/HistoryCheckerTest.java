package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.session.History.Ended;
import io.portcullis.session.History.Event;
import io.portcullis.session.History.Marked;
import io.portcullis.session.History.MarkedInVain;
import io.portcullis.session.History.Opened;
import io.portcullis.session.History.Operation;
import io.portcullis.session.History.Presented;
import io.portcullis.session.History.PresentedInVain;
import io.portcullis.session.History.Unanswered;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.RotationOutcome.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HistoryCheckerTest {
    private static final Instant T0 = Instant.parse("2026-05-04T10:00:00Z");
    private static final AttemptId A = new AttemptId("a");
    private static final AttemptId B = new AttemptId("b");
    private static final RealmPolicy STRICT = Policies.strict();
    private static final RealmPolicy GRACE = Policies.withGrace(Duration.ofHours(1));
    private static final SessionRef SESSION = new SessionRef("app", "ada", SessionId.random("app", "ada"));

    private final List<Operation> history = new ArrayList<>();

    HistoryCheckerTest() {
        during(0, 1, new Opened(new Opening(SESSION, STRICT, null), token(0, 0)));
    }

    @Test
    void firstUseThenReuseIsExplained() {
        during(2, 3, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(4, 5, presented(0, B, STRICT, new Reused(0, 1, at(10), at(11))));
        during(6, 7, presented(1, B, STRICT, new Revoked()));

        assertExplained();
    }

    @Test
    void secondFirstUseIsNotExplained() {
        during(2, 4, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(3, 5, presented(0, B, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));

        assertUnexplained();
    }

    @Test
    void overlappingOperationsMayHaveHappenedInTheOtherOrder() {
        during(2, 5, presented(0, B, STRICT, new Reused(0, 1, at(10), at(11))));
        during(3, 4, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));

        assertExplained();
    }

    @Test
    void reuseAnsweredBeforeTheFirstUseWasAskedIsNotExplained() {
        during(2, 3, presented(0, B, STRICT, new Reused(0, 1, at(10), at(11))));
        during(4, 5, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));

        assertUnexplained();
    }

    @Test
    void replayWithTheSameSuccessorIsExplained() {
        during(2, 5, presented(0, A, GRACE, rotated(1, 10, RotationCause.FIRST_USE)));
        during(3, 4, presented(0, B, GRACE, new Replayed(token(1, 10))));

        assertExplained();
    }

    @Test
    void twoTokensOfOneGenerationAreNotExplained() {
        during(2, 5, presented(0, A, GRACE, rotated(1, 10, RotationCause.FIRST_USE)));
        during(3, 4, presented(0, B, GRACE, new Replayed(token(1, 11))));

        assertUnexplained();
    }

    @Test
    void repeatedAttemptWithAnotherSuccessorIsNotExplained() {
        during(2, 3, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(4, 5, presented(0, A, STRICT, rotated(1, 11, RotationCause.REPEATED_ATTEMPT)));

        assertUnexplained();
    }

    @Test
    void answerThatWasLostExplainsTheNextOne() {
        during(4, 5, presented(0, A, STRICT, rotated(1, 10, RotationCause.REPEATED_ATTEMPT)));
        assertUnexplained();

        unanswered(2, new PresentedInVain(rotation(0, A, STRICT)));
        assertExplained();
    }

    @Test
    void callWithoutAnAnswerNeedNotHaveBeenCarriedOut() {
        unanswered(2, new PresentedInVain(rotation(0, A, STRICT)));
        during(4, 5, presented(0, B, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));

        assertExplained();
    }

    @Test
    void lostAnswerDoesNotExplainWhatWasAnsweredBeforeItWasAsked() {
        during(2, 3, presented(0, A, STRICT, rotated(1, 10, RotationCause.REPEATED_ATTEMPT)));
        unanswered(4, new PresentedInVain(rotation(0, A, STRICT)));

        assertUnexplained();
    }

    @Test
    void markThatWasNotAnsweredExplainsARedelivery() {
        during(2, 3, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(5, 6, presented(0, B, STRICT, rotated(1, 10, RotationCause.UNDELIVERED)));
        assertUnexplained();

        unanswered(4, new MarkedInVain(1, A));
        assertExplained();
    }

    @Test
    void rotationAfterRevocationWasAnsweredIsNotExplained() {
        during(2, 3, new Ended(SESSION, RevocationReason.LOGOUT, AttemptId.random(), Revocation.REVOKED));
        during(4, 5, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));

        assertUnexplained();
    }

    @Test
    void rotationWhileRevocationWasOnItsWayIsExplained() {
        during(2, 5, new Ended(SESSION, RevocationReason.LOGOUT, AttemptId.random(), Revocation.REVOKED));
        during(3, 4, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(6, 7, presented(1, A, STRICT, new Revoked()));

        assertExplained();
    }

    @Test
    void sessionRevokedTwiceIsNotExplained() {
        during(2, 4, new Ended(SESSION, RevocationReason.LOGOUT, AttemptId.random(), Revocation.REVOKED));
        during(3, 5, new Ended(SESSION, RevocationReason.LOGOUT, AttemptId.random(), Revocation.REVOKED));

        assertUnexplained();
    }

    @Test
    void lostRotationIsNotExplained() {
        during(2, 3, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(4, 5, presented(1, A, STRICT, rotated(2, 20, RotationCause.HEALED)));

        assertUnexplained();
    }

    @Test
    void redeliveryNeedsTheMark() {
        during(2, 3, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(6, 7, presented(0, B, STRICT, rotated(1, 10, RotationCause.UNDELIVERED)));
        assertUnexplained();

        during(4, 5, new Marked(1, A, true));
        assertExplained();
    }

    @Test
    void markMayHaveToWaitForAnotherRedelivery() {
        during(2, 3, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(4, 9, new Marked(1, A, true));
        during(4, 9, new Marked(1, A, true));
        during(4, 9, presented(0, B, STRICT, rotated(1, 10, RotationCause.UNDELIVERED)));
        during(4, 9, new Marked(1, B, true));
        during(4, 9, new Marked(1, B, false));
        during(4, 9, presented(0, A, STRICT, rotated(1, 10, RotationCause.UNDELIVERED)));

        assertExplained();
    }

    @Test
    void ignoredMarkOfTheNewestAnswerIsNotExplained() {
        during(2, 3, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(4, 5, new Marked(1, A, false));

        assertUnexplained();
    }

    @Test
    void sessionThatIsForgottenIsNotExplained() {
        during(2, 3, presented(0, A, STRICT, new Unknown()));

        assertUnexplained();
    }

    @Test
    void twoHundredSimultaneousUsesAreDecidedQuickly() {
        during(2, 1000, presented(0, A, STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        during(2, 1000, presented(0, B, STRICT, new Reused(0, 1, at(10), at(11))));
        LongStream.range(0, 198)
                .forEach(i -> during(2 + i, 1000 + i, presented(0, new AttemptId("c" + i), STRICT, new Revoked())));
        assertExplained();

        during(2, 1000, presented(0, new AttemptId("d"), STRICT, rotated(1, 10, RotationCause.FIRST_USE)));
        assertUnexplained();
    }

    private void assertExplained() {
        assertThat(HistoryChecker.isExplained(history)).isTrue();
    }

    private void assertUnexplained() {
        assertThat(HistoryChecker.isExplained(history)).isFalse();
    }

    private void during(long asked, long answered, Event event) {
        history.add(new Operation(event, asked, answered));
    }

    private void unanswered(long asked, Unanswered event) {
        history.add(new Operation(event, asked, Operation.NEVER));
    }

    private static Presented presented(long generation, AttemptId attempt, RealmPolicy policy, RotationOutcome answer) {
        return new Presented(rotation(generation, attempt, policy), answer);
    }

    private static Rotation rotation(long generation, AttemptId attempt, RealmPolicy policy) {
        return new Rotation(SESSION, generation, attempt, policy, null);
    }

    private static Rotated rotated(long generation, long seconds, RotationCause cause) {
        return new Rotated(token(generation, seconds), cause);
    }

    private static Successor token(long generation, long seconds) {
        return new Successor(generation, at(seconds), at(seconds).plus(Policies.IDLE));
    }

    private static Instant at(long seconds) {
        return T0.plusSeconds(seconds);
    }
}
