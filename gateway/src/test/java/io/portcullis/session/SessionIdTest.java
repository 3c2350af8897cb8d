package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
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
    void idEndsInTheHashOfItsSubject() {
        SessionId id = SessionId.random("app", "ada@example.org");

        // printf 'app\\0ada@example.org' | sha256sum | xxd -r -p | head -c 16 | base64
        assertThat(SubjectHash.of("app", "ada@example.org").value()).isEqualTo("D5qCJxobEmkyGU_wVn2JUQ");
        assertThat(id.value()).matches("[\\w-]{22}D5qCJxobEmkyGU_wVn2JUQ");
        assertThat(id.name()).isEqualTo(id.value().substring(0, 22));
        assertThat(id.subject()).isEqualTo(SubjectHash.of("app", "ada@example.org"));
        assertThat(id.isOf("app", "ada@example.org")).isTrue();
        assertThat(id.isOf("app", "bob@example.org")).isFalse();
        assertThat(id.isOf("dashboard", "ada@example.org")).isFalse();
    }

    /** Where the realm ends and the subject begins is in the hash too. */
    @Test
    void subjectOfAnotherRealmHasAnotherHash() {
        assertThat(SubjectHash.of("app", "1ada")).isNotEqualTo(SubjectHash.of("app1", "ada"));
    }

    @Test
    void idsOfOneSubjectDiffer() {
        assertThat(IntStream.range(0, 1_000)
                        .mapToObj(i -> SessionId.random("app", "ada"))
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
                    .decode(SessionId.random("app", "ada").value().substring(0, 22));
            BitSet.valueOf(bits).stream().forEach(bit -> set[bit]++);
        }

        assertThat(IntStream.of(set)).hasSize(128).allMatch(times -> times > 4_500 && times < 5_500);
    }

    @Test
    void sameBitsNameTheSameSession() {
        assertThat(SessionId.of(new byte[16], "app", "u1"))
                .isEqualTo(new SessionId("AAAAAAAAAAAAAAAAAAAAAA", SubjectHash.of("app", "u1")));
        assertThatIllegalArgumentException().isThrownBy(() -> SessionId.of(new byte[15], "app", "u1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void anythingElseIsNoId(String value) {
        assertThatIllegalArgumentException().isThrownBy(() -> new SessionId(value));
    }

    @Test
    void idAndHashAreOfTheCharactersOfBase64Url() {
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            String text = Character.toString(c);
            boolean isOne = text.matches("[A-Za-z0-9_-]");

            assertThat(SessionId.isValid("A".repeat(43) + text)).as(text).isEqualTo(isOne);
            assertThat(SessionId.isValid(text + "A".repeat(43))).as(text).isEqualTo(isOne);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new SubjectHash("A".repeat(21) + '.'));
        assertThatIllegalArgumentException().isThrownBy(() -> new SubjectHash("A".repeat(21)));
        assertThatIllegalArgumentException().isThrownBy(() -> new SubjectHash("A".repeat(23)));
    }

    @Test
    void sessionOfAnotherSubjectOrRealmIsNone() {
        SessionId id = SessionId.random("app", "ada");

        assertThat(new SessionRef("app", "ada", id).subjectHash()).isEqualTo(SubjectHash.of("app", "ada"));
        assertThatExceptionOfType(ForeignSessionException.class).isThrownBy(() -> new SessionRef("app", "bob", id));
        assertThatExceptionOfType(ForeignSessionException.class)
                .isThrownBy(() -> new SessionRef("dashboard", "ada", id));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SessionRef("app", " ", id))
                .withMessage("a session has a realm and a subject");
    }
}
