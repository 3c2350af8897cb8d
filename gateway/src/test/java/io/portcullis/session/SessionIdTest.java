package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.portcullis.SecurityLine;
import java.util.Base64;
import java.util.BitSet;
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

    /** Of ten thousand ids each bit is set in half, give or take ten standard deviations. */
    @Test
    @SecurityLine(22)
    void eachOfTheBitsOfAnIdIsRandom() {
        int[] set = new int[128];
        for (int i = 0; i < 10_000; i++) {
            byte[] bits = Base64.getUrlDecoder()
                    .decode(SessionId.random("ada").value().substring(0, 22));
            BitSet.valueOf(bits).stream().forEach(bit -> set[bit]++);
        }

        assertThat(IntStream.of(set)).hasSize(128).allMatch(times -> times > 4_500 && times < 5_500);
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
