package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.ClaimsChange.Changed;
import io.portcullis.session.ClaimsChange.TooMany;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Replayed;
import io.portcullis.session.RotationOutcome.Rotated;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How claims that an operator changed get into a subject's next tokens. */
public abstract class ChangedClaimsContract extends SessionLimitContract {
    private static final ChangedClaims ADMIN = new ChangedClaims("{\"role\":\"admin\"}");

    @Test
    void nextTokenHasTheChangedClaimsAndTheOneAfterItHasThemAlready() {
        session.open(STRICT);

        assertThat(change("role", "\"admin\"")).isInstanceOf(Changed.class);

        assertThat(session.successor(0, first, STRICT).changed()).isEqualTo(ADMIN);
        assertThat(session.successor(1, first, STRICT).changed()).isEqualTo(ChangedClaims.NONE);
    }

    @Test
    void everySessionOfTheSubjectInTheRealmGetsThemAndNoOther() {
        LiveSession sibling = session.sibling();
        LiveSession elsewhere = session.sibling().inAnotherRealm();
        LiveSession stranger = session.ofSubject(AttemptId.random().value());
        for (LiveSession one : new LiveSession[] {session, sibling, elsewhere, stranger}) {
            one.open(STRICT);
        }

        change("role", "\"admin\"");

        assertThat(session.successor(0, first, STRICT).changed()).isEqualTo(ADMIN);
        assertThat(sibling.successor(0, first, STRICT).changed()).isEqualTo(ADMIN);
        assertThat(elsewhere.successor(0, first, STRICT).changed()).isEqualTo(ChangedClaims.NONE);
        assertThat(stranger.successor(0, first, STRICT).changed()).isEqualTo(ChangedClaims.NONE);
    }

    @Test
    void repeatedAnswerRepeatsTheClaimsEvenIfTheyHaveChangedAgain() {
        RealmPolicy grace = Policies.withGrace(HOUR);
        session.open(grace);
        change("role", "\"admin\"");
        Successor successor = session.successor(0, first, grace);

        change("role", "\"member\"");

        assertThat(session.rotate(0, first, grace)).isEqualTo(new Rotated(successor, RotationCause.REPEATED_ATTEMPT));
        assertThat(session.rotate(0, second, grace)).isEqualTo(new Replayed(successor));
        assertThat(session.markUndelivered(1, first)).isTrue();
        assertThat(session.rotate(0, second, grace)).isEqualTo(new Rotated(successor, RotationCause.UNDELIVERED));
        assertThat(session.successor(1, first, grace).changed()).isEqualTo(new ChangedClaims("{\"role\":\"member\"}"));
    }

    @Test
    void changeThatComesAfterARotationIsNotInItsRepetition() {
        session.open(STRICT);
        Successor successor = session.successor(0, first, STRICT);

        change("role", "\"admin\"");

        assertThat(((Granted) session.rotate(0, first, STRICT)).successor()).isEqualTo(successor);
        assertThat(session.successor(1, first, STRICT).changed()).isEqualTo(ADMIN);
    }

    @Test
    void changesAddUpUntilASessionHasThem() {
        session.open(STRICT);
        change("role", "\"admin\"");
        change("seats", "1.50");
        change("plan", "null");

        assertThat(session.successor(0, first, STRICT).changed())
                .isEqualTo(new ChangedClaims("{\"role\":\"admin\",\"seats\":1.50,\"plan\":null}"));
        change("seats", "2");
        assertThat(session.successor(1, first, STRICT).changed()).isEqualTo(new ChangedClaims("{\"seats\":2}"));
    }

    @Test
    void sessionOpenedAfterTheChangeIsAsItsBackendSays() {
        Instant changedAt = ((Changed) change("role", "\"admin\"")).at();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> session.ofSubject("clock@example.org")
                        .open(STRICT)
                        .issuedAt()
                        .isAfter(changedAt.plusMillis(1)));

        session.open(STRICT);

        assertThat(session.successor(0, first, STRICT).changed()).isEqualTo(ChangedClaims.NONE);
    }

    @Test
    void adoptedTokenGetsWhatChangedWhileItLayAbout() {
        change("role", "\"admin\"");

        Granted adopted = (Granted) session.adopt(first, STRICT, Instant.now().plus(HOUR));

        assertThat(adopted.successor().changed()).isEqualTo(ADMIN);
        assertThat(session.successor(1, first, STRICT).changed()).isEqualTo(ChangedClaims.NONE);
    }

    @Test
    void oldTokenInShadowModeGetsAllThatChangedSince() {
        session.open(STRICT);
        change("role", "\"admin\"");
        session.rotate(0, first, STRICT);
        session.rotate(1, first, STRICT);

        Granted reported = (Granted) session.rotate(0, second, Policies.reporting());

        assertThat(reported.successor().changed()).isEqualTo(ADMIN);
    }

    @Test
    void thereAreNeverTooMany() {
        Map<String, String> most = IntStream.range(0, SessionStore.CHANGED_CLAIMS_MAX)
                .boxed()
                .collect(Collectors.toMap(i -> "claim" + i, i -> "1"));
        session.open(STRICT);
        assertThat(session.changeClaims(most, STRICT)).isInstanceOf(Changed.class);

        assertThat(change("role", "\"admin\"")).isEqualTo(new TooMany());
        assertThat(change("claim7", "2")).isInstanceOf(Changed.class);
        assertThat(session.successor(0, first, STRICT).changed().json())
                .contains("\"claim7\":2")
                .doesNotContain("role");
    }

    @Test
    void togetherTheyAreNeverTooLong() {
        String half = '"' + "x".repeat(SessionStore.CHANGED_CLAIMS_BYTES_MAX / 2 - 10) + '"';
        session.open(STRICT);
        assertThat(change("first", half)).isInstanceOf(Changed.class);
        assertThat(change("other", half)).isInstanceOf(Changed.class);

        assertThat(change("third", half)).isEqualTo(new TooMany());
        assertThat(change("first", half)).isInstanceOf(Changed.class);
        assertThat(change("other", "null")).isInstanceOf(Changed.class);
        assertThat(change("third", half)).isEqualTo(new TooMany());
        assertThat(change("first", "null")).isInstanceOf(Changed.class);
        assertThat(change("third", half)).isInstanceOf(Changed.class);
    }

    private ClaimsChange change(String name, String value) {
        return session.changeClaims(Map.of(name, value), STRICT);
    }
}
