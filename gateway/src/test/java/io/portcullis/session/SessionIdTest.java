package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionIdTest {

    @Test
    void idEndsInThePartitionOfItsSubject() {
        SessionId id = SessionId.random("ada@example.org");

        // printf %s ada@example.org | sha256sum | xxd -r -p | head -c 16 | base64
        assertThat(SubjectHash.of("ada@example.org").value()).isEqualTo("z-AN3kbvlCYB_6-54oJegA");
        assertThat(id.value()).matches("[\\w-]{22}z-");
        assertThat(id.partition()).isEqualTo("z-");
        assertThat(id.mayBeOf("ada@example.org")).isTrue();
        assertThat(id.mayBeOf("bob@example.org")).isFalse();
    }

    @Test
    void idsOfOneSubjectDiffer() {
        assertThat(IntStream.range(0, 1_000)
                        .mapToObj(i -> SessionId.random("ada"))
                        .distinct())
                .hasSize(1_000);
    }

    @Test
    void sameBitsNameTheSameSession() {
        assertThat(SessionId.of(new byte[16], "u1")).isEqualTo(new SessionId("AAAAAAAAAAAAAAAAAAAAAAu4"));
        assertThatIllegalArgumentException().isThrownBy(() -> SessionId.of(new byte[15], "u1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA}u", "AAAAAAAAAAAAAAAAAAAAAAAu4"})
    void anythingElseIsNoId(String value) {
        assertThatIllegalArgumentException().isThrownBy(() -> new SessionId(value));
    }

    @Test
    void sessionOfAnotherPartitionThanItsSubjectsIsNone() {
        SessionId id = SessionId.random("ada");

        assertThat(new SessionRef("app", "ada", id).subjectHash()).isEqualTo(SubjectHash.of("ada"));
        assertThatIllegalArgumentException().isThrownBy(() -> new SessionRef("app", "bob", id));
    }
}
