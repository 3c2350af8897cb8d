package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.portcullis.edge.BodyCondition.Verdict;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyConditionTest {
    private static final BodyCondition SUSPENDED = BodyCondition.parse("status=suspended|removed");

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "{\"status\":\"suspended\"};MET",
                "{ \"note\": {\"status\":\"active\"}, \"status\" : \"removed\" };MET",
                "{\"\\u0073tatus\":\"\\u0073uspended\"};MET",
                "{\"status\":\"active\"};NOT_MET",
                "{\"status\":\"Suspended\"};NOT_MET",
                "{\"status\":\"suspended|removed\"};NOT_MET",
                "{\"status\":[\"suspended\"]};NOT_MET",
                "{\"status\":null};NOT_MET",
                "{\"user\":{\"status\":\"suspended\"}};NOT_MET",
                "{};NOT_MET",
                "{\"status\":\"active\",\"status\":\"suspended\"};UNREADABLE",
                "{\"status\":\"active\"} {};UNREADABLE",
                "{\"status\":\"acti;UNREADABLE",
                "[\"suspended\"];UNREADABLE",
                "status=active;UNREADABLE",
                "~~;UNREADABLE"
            })
    void bodyIsJudgedByItsTopLevelMember(String body, Verdict verdict) {
        assertThat(SUSPENDED.judge(body.getBytes(UTF_8))).isEqualTo(verdict);
    }

    @Test
    void bodyThatIsNotKnownWholeOrInAnotherEncodingIsUnreadable() {
        assertThat(SUSPENDED.judge(null)).isEqualTo(Verdict.UNREADABLE);
        assertThat(SUSPENDED.judge("{\"status\":\"active\"}".getBytes(StandardCharsets.UTF_16)))
                .isEqualTo(Verdict.UNREADABLE);
    }

    @Test
    void numberOrBooleanIsComparedAsItIsWritten() {
        BodyCondition inactive = BodyCondition.parse("active=false|0");

        assertThat(inactive.judge("{\"active\":false}".getBytes(UTF_8))).isEqualTo(Verdict.MET);
        assertThat(inactive.judge("{\"active\": 0 }".getBytes(UTF_8))).isEqualTo(Verdict.MET);
        assertThat(inactive.judge("{\"active\":true}".getBytes(UTF_8))).isEqualTo(Verdict.NOT_MET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "status=",
                "=suspended",
                "status=a|",
                "status=|a",
                "status==a",
                "status!=active",
                "user.status=a",
                "status=a b",
                " ",
                "{status}"
            })
    void anyOtherFormIsRefusedByName(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BodyCondition.parse(text))
                .withMessage("a condition is 'member=value' or 'member=value|value', not '" + text + "'");
    }
}
