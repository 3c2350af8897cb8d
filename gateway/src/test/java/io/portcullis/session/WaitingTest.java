package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingTest {
    private final Waiting first = new Waiting();
    private final Waiting second = first.again();

    @Test
    void somebodyWaitsUntilTheRequestEnds() {
        assertThat(first.isOver()).isFalse();

        first.end();

        assertThat(first.isOver()).isTrue();
        assertThat(second.isOver()).isFalse();
    }

    @Test
    void anAnswerIsOneToTheOtherRequestsOfTheAttempt() {
        assertThat(first.isAnsweredElsewhere()).isFalse();

        second.answered();

        assertThat(first.isAnsweredElsewhere()).isTrue();
        assertThat(second.isAnsweredElsewhere()).isFalse();
        assertThat(second.again().isAnsweredElsewhere()).isTrue();
        assertThat(new Waiting().isAnsweredElsewhere()).isFalse();
    }

    @Test
    void anAnswerThatNobodyWaitedForIsNone() {
        first.end();
        first.answered();

        assertThat(second.isAnsweredElsewhere()).isFalse();
    }

    @Test
    void anAnswerIsNoneOnceItsClientHasLeft() {
        first.answered();
        first.end();

        assertThat(second.isAnsweredElsewhere()).isFalse();
    }

    @Test
    void thatOneRequestEndsTakesNoAnswerFromAnother() {
        second.answered();
        first.end();

        assertThat(first.isAnsweredElsewhere()).isTrue();
    }

    @Test
    void whatIsToBeDoneWhenItIsSettledIsDoneThen() {
        List<String> done = new ArrayList<>();
        first.whenSettled(() -> done.add("first"));

        second.settled();
        assertThat(done).isEmpty();
        first.settled();

        assertThat(done).containsExactly("first");
    }
}
