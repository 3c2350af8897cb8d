package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a log may say of sessions and their subjects: enough to find them, and no personal data. */
class NamesInTextTest {
    private static final String SUBJECT = "ada@example.com";

    @Test
    void aSubjectIsNotNamed() {
        assertThat(new SubjectRef("app", SUBJECT)).hasToString("a subject of app");
    }

    @Test
    void aSessionIsNamedByItsRealmAndId() {
        SessionId id = SessionId.random("app", SUBJECT);

        assertThat(new SessionRef("app", SUBJECT, id)).hasToString("app/" + id.value());
    }

    @Test
    void hashesAreTheirText() {
        assertThat(SubjectHash.of("app", SUBJECT))
                .hasToString(SubjectHash.of("app", SUBJECT).value());
        assertThat(TokenHash.of("a.b.c")).hasToString(TokenHash.of("a.b.c").value());
    }

    @Test
    void changedClaimsAreThereOrNot() {
        assertThat(ChangedClaims.NONE).hasToString("none");
        assertThat(new ChangedClaims("{\"email\":\"" + SUBJECT + "\"}")).hasToString("ChangedClaims");
    }

    @Test
    void endedSessionsAreThoseThatEndedNowAndThoseThatHadBefore() {
        SessionId now = SessionId.random("app", SUBJECT);
        SessionId before = SessionId.random("app", SUBJECT);

        assertThat(new EndedSessions(List.of(now), List.of(before)).all()).containsExactlyInAnyOrder(now, before);
    }
}
