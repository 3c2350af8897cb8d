package io.portcullis.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.soak.Operation.Actor;
import io.portcullis.soak.Operation.Kind;
import io.portcullis.soak.Operation.Note;
import io.portcullis.soak.SoakChecker.Rule;
import io.portcullis.soak.SoakChecker.Verdict;
import io.portcullis.soak.SoakChecker.Violation;
import io.portcullis.soak.Troubles.Disturbance;
import io.portcullis.soak.Troubles.Loss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories made by hand, of one session that was opened at the first replica in the first second; times are seconds. */
class SoakCheckerTest {
    private static final double A_MOMENT = 0.01;

    private final List<Operation> history = new ArrayList<>();
    private final List<Disturbance> disturbances = new ArrayList<>();
    private final List<Loss> losses = new ArrayList<>();

    SoakCheckerTest() {
        happened(Kind.LOGIN, Actor.HONEST, 0, 0, "", 200, 0, Note.NONE);
    }

    private static long nanos(double seconds) {
        return Math.round(seconds * Duration.ofSeconds(1).toNanos());
    }

    private void happened(
            Kind kind, Actor actor, int replica, long generation, String child, int status, double at, Note note) {
        history.add(new Operation(
                kind,
                actor,
                replica,
                "app ada",
                kind == Kind.REVOKE_ALL ? "" : "session",
                generation,
                child,
                status,
                nanos(at),
                nanos(at + A_MOMENT),
                note));
    }

    private void refreshed(Actor actor, int replica, long generation, String child, double at) {
        happened(Kind.REFRESH, actor, replica, generation, child, 200, at, Note.NONE);
    }

    private void refused(Actor actor, long generation, double at) {
        happened(Kind.REFRESH, actor, 0, generation, "", 401, at, Note.NONE);
    }

    private void forwarded(int replica, int status, double at) {
        happened(Kind.FORWARD, Actor.AUDITOR, replica, 0, "", status, at, Note.NONE);
    }

    private void revoked(int replica, double at) {
        happened(Kind.REVOKE, Actor.OPERATOR, replica, 0, "", 200, at, Note.NONE);
    }

    private void redisLost(double from, double until) {
        losses.add(new Loss(session -> true, nanos(from), nanos(until)));
        disturbances.add(new Disturbance(Troubles.ALL_REPLICAS, nanos(until), nanos(until + A_MOMENT)));
    }

    private void anotherServerLost(double from, double until) {
        losses.add(new Loss(session -> false, nanos(from), nanos(until)));
        disturbances.add(new Disturbance(Troubles.ALL_REPLICAS, nanos(until), nanos(until + A_MOMENT)));
    }

    private Verdict verdict() {
        return SoakChecker.judge(history, new Troubles(disturbances, losses));
    }

    private List<Rule> violated() {
        return verdict().violations().stream().map(Violation::rule).toList();
    }

    private void assertExcusedOnlyBy(Excuse excuse) {
        assertThat(violated()).isEmpty();
        assertThat(verdict().excuses()).containsOnlyKeys(excuse);
    }

    private void assertNothingWasWrong() {
        assertThat(violated()).isEmpty();
        assertThat(verdict().excuses()).isEmpty();
    }

    @Test
    void sessionThatIsUsedStolenAndDeadIsAsItShouldBe() {
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        refreshed(Actor.HONEST, 1, 1, "c", 2);
        refused(Actor.THIEF, 0, 3);
        refused(Actor.HONEST, 2, 4);
        forwarded(1, 401, 5);

        assertNothingWasWrong();
        assertThat(verdict().turnedAway()).isEqualTo(2);
    }

    @Test
    void twoChildrenOfOneTokenAreFound() {
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        refreshed(Actor.THIEF, 1, 0, "other b", 1);

        assertThat(violated()).containsExactly(Rule.TWO_CHILDREN_OF_ONE_TOKEN);
    }

    @Test
    void usedTokenThatIsAcceptedIsFoundThoughItsChildIsTheSame() {
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        refreshed(Actor.THIEF, 1, 0, "b", 2);

        assertThat(violated()).containsExactly(Rule.A_USED_TOKEN_WAS_ACCEPTED);
    }

    @Test
    void usedTokenIsAcceptedWhereRedisHasLostThatItWasUsed() {
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        redisLost(0.5, 2);
        refreshed(Actor.THIEF, 1, 0, "other b", 3);

        assertExcusedOnlyBy(Excuse.THE_ROTATION_WAS_LOST);
    }

    @Test
    void lossOfLaterWritesExcusesNoUsedToken() {
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        redisLost(1.5, 2);
        refreshed(Actor.THIEF, 1, 0, "other b", 3);

        assertThat(violated()).containsExactly(Rule.TWO_CHILDREN_OF_ONE_TOKEN);
    }

    @Test
    void refreshAfterTheEndWasAcknowledgedIsFoundAtAnyReplica() {
        revoked(0, 1);
        refreshed(Actor.AUDITOR, 1, 0, "b", 1.1);

        assertThat(violated()).containsExactly(Rule.ACCEPTED_AFTER_ITS_END);
    }

    @Test
    void refreshThatWasAskedForBeforeTheEndWasAcknowledgedMayPass() {
        revoked(0, 1);
        refreshed(Actor.HONEST, 1, 0, "b", 1);

        assertNothingWasWrong();
    }

    @Test
    void accessTokenIsDeadAtOnceAtTheReplicaThatRevoked() {
        revoked(0, 1);
        forwarded(0, 200, 1.1);

        assertThat(violated()).containsExactly(Rule.ACCEPTED_AFTER_ITS_END);
    }

    @Test
    void otherReplicasHearOfItAMomentLaterAndNoLater() {
        revoked(0, 1);
        forwarded(1, 200, 1.1);
        assertExcusedOnlyBy(Excuse.A_REPLICA_HAD_NOT_HEARD_YET);

        forwarded(1, 200, 4);
        assertThat(violated()).containsExactly(Rule.ACCEPTED_AFTER_ITS_END);
    }

    @Test
    void replicaThatIsCutOffForwardsByWhatItKnowsUntilItHasRead() {
        revoked(0, 1);
        disturbances.add(new Disturbance(1, nanos(0.5), nanos(10)));
        forwarded(1, 200, 12);
        assertExcusedOnlyBy(Excuse.A_REPLICA_WAS_CUT_OFF);

        forwarded(2, 200, 12);
        assertThat(violated()).containsExactly(Rule.ACCEPTED_AFTER_ITS_END);
    }

    @Test
    void lostRevocationIsExcusedElsewhereUntilItIsRepeated() {
        revoked(0, 1);
        redisLost(0.5, 2);
        refreshed(Actor.AUDITOR, 1, 0, "b", 3);
        assertExcusedOnlyBy(Excuse.THE_REVOCATION_WAS_LOST);

        refreshed(Actor.AUDITOR, 1, 1, "c", 10);
        assertThat(violated()).containsExactly(Rule.ACCEPTED_AFTER_ITS_END);
    }

    @Test
    void lostRevocationIsNoExcuseWhereItWasMade() {
        revoked(0, 1);
        redisLost(0.5, 2);
        refreshed(Actor.AUDITOR, 0, 0, "b", 3);

        assertThat(violated()).containsExactly(Rule.ACCEPTED_AFTER_ITS_END);
    }

    @Test
    void endOfAllSessionsEndsThoseThatWereThere() {
        happened(Kind.REVOKE_ALL, Actor.OPERATOR, 0, 0, "", 200, 1, Note.NONE);
        refreshed(Actor.AUDITOR, 1, 0, "b", 3);

        assertThat(violated()).containsExactly(Rule.ACCEPTED_AFTER_ITS_END);
    }

    @Test
    void logoutThatCouldNotBeRecordedAndEndingThatWasNotAnsweredEndNothing() {
        happened(Kind.LOGOUT, Actor.HONEST, 0, 0, "", 200, 1, Note.NOT_RECORDED);
        happened(Kind.REVOKE, Actor.OPERATOR, 0, 0, "", 503, 1, Note.NONE);
        refreshed(Actor.AUDITOR, 1, 0, "b", 3);

        assertNothingWasWrong();
    }

    @Test
    void honestClientThatIsToldThatItsTokenIsInvalidIsFound() {
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        refused(Actor.HONEST, 1, 2);

        assertThat(violated()).containsExactly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void honestClientThatIsToldThatItsAccessTokenIsInvalidIsFoundUnlessItsTimeWasOver() {
        happened(Kind.FORWARD, Actor.HONEST, 0, 0, "", 401, 1, Note.TOKEN_MAY_HAVE_EXPIRED);
        assertNothingWasWrong();

        happened(Kind.FORWARD, Actor.HONEST, 0, 0, "", 401, 1, Note.NONE);
        assertThat(violated()).containsExactly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void honestClientThatComesBackAfterItsConnectionBrokeIsAnswered() {
        happened(Kind.REFRESH, Actor.HONEST, 0, 0, "", Operation.BROKEN, 1, Note.NONE);
        refused(Actor.HONEST, 0, 2);

        assertThat(violated()).containsExactly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void answerThatMayHaveLeftCountsAsDelivered() {
        happened(Kind.REFRESH, Actor.HONEST, 0, 0, "", Operation.BROKEN, 1, Note.ANSWER_MAY_HAVE_LEFT);
        happened(Kind.REFRESH, Actor.HONEST, 0, 0, "", Operation.BROKEN, 2, Note.NONE);
        refused(Actor.HONEST, 0, 3);

        assertExcusedOnlyBy(Excuse.THE_ANSWER_HAD_LEFT);
    }

    @Test
    void answerThatMayHaveLeftIsNoExcuseOnceTheTokenWasExchanged() {
        happened(Kind.REFRESH, Actor.HONEST, 0, 0, "", Operation.BROKEN, 1, Note.ANSWER_MAY_HAVE_LEFT);
        refreshed(Actor.HONEST, 0, 0, "b", 2);
        refused(Actor.HONEST, 1, 3);

        assertThat(violated()).containsExactly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    private void undecided(int replica, double at) {
        happened(Kind.REFRESH, Actor.HONEST, replica, 0, "", 503, at, Note.NONE);
    }

    @Test
    void replicaThatIsCutOffAloneIsNoExcuse() {
        disturbances.add(new Disturbance(1, nanos(0.5), nanos(4)));
        undecided(1, 1);
        refused(Actor.HONEST, 0, 3);

        assertThat(violated()).containsExactly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void redisThatIsAwayForAllIsNoExcuse() {
        disturbances.add(new Disturbance(Troubles.ALL_REPLICAS, nanos(0.5), nanos(4)));
        undecided(1, 1);
        refused(Actor.HONEST, 0, 4.5);

        assertThat(violated()).containsExactly(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT);
    }

    @Test
    void lostLoginIsUnknown() {
        redisLost(-1, 1);
        refused(Actor.HONEST, 0, 2);

        assertExcusedOnlyBy(Excuse.THE_LOGIN_WAS_LOST);
    }

    @Test
    void lostNoteOfAnUndeliveredAnswerMayCostASession() {
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        happened(Kind.REFRESH, Actor.HONEST, 0, 1, "", Operation.BROKEN, 2, Note.NONE);
        redisLost(1.5, 3);
        refused(Actor.HONEST, 1, 4);

        assertExcusedOnlyBy(Excuse.THE_NOTE_OF_AN_UNDELIVERED_ANSWER_WAS_LOST);
    }

    @Test
    void whatAnotherServerLostExcusesNothing() {
        anotherServerLost(0, 3);
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        refreshed(Actor.THIEF, 0, 0, "c", 4);

        assertThat(violated()).containsExactly(Rule.TWO_CHILDREN_OF_ONE_TOKEN);
    }

    @Test
    void revocationThatAnotherServerLostEndsTheSession() {
        revoked(0, 2);
        anotherServerLost(1.5, 3);
        refreshed(Actor.HONEST, 1, 0, "b", 4);

        assertThat(violated()).containsExactly(Rule.ACCEPTED_AFTER_ITS_END);
    }

    @Test
    void attackThatIsUnderWayExplainsARefusal() {
        refreshed(Actor.HONEST, 0, 0, "b", 1);
        happened(Kind.REFRESH, Actor.THIEF, 0, 0, "", 503, 2, Note.NONE);
        refused(Actor.HONEST, 1, 2.005);

        assertNothingWasWrong();
    }

    @Test
    void answerThatTheContractDoesNotHaveIsFound() {
        happened(Kind.REFRESH, Actor.HONEST, 0, 0, "", 500, 1, Note.NONE);
        happened(Kind.FORWARD, Actor.HONEST, 0, 0, "", Operation.SILENT, 1, Note.NONE);

        assertThat(violated())
                .containsExactly(Rule.THE_CONTRACT_HAS_NO_SUCH_ANSWER, Rule.THE_CONTRACT_HAS_NO_SUCH_ANSWER);
    }
}
