package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.redis.Outage.Doubt;
import org.junit.jupiter.api.Test;

class OutageTest {
    private static final Doubt NONE = new Doubt(0, 0);

    private final Outage outage = new Outage();

    @Test
    void asLongAsRedisAnswersThereIsNoDoubt() {
        outage.answered();
        outage.answered();

        assertThat(outage.doubt()).isEqualTo(NONE);
    }

    @Test
    void whileItIsAwayEverythingSinceItsLastAnswerIsDoubtful() {
        outage.answered();
        outage.notAnswered();
        outage.notAnswered();

        assertThat(outage.doubt().fromMillis()).isGreaterThanOrEqualTo(1_000);
        assertThat(outage.doubt().untilMillis()).isZero();
    }

    @Test
    void whenItIsBackWhatWasThenStaysDoubtfulForAMoment() {
        outage.notAnswered();
        outage.answered();
        Doubt doubt = outage.doubt();
        outage.answered();

        assertThat(doubt.fromMillis()).isGreaterThanOrEqualTo(1_000);
        assertThat(doubt.untilMillis()).isLessThan(doubt.fromMillis());
        assertThat(outage.doubt().untilMillis()).isGreaterThanOrEqualTo(doubt.untilMillis());
    }

    @Test
    void oneSoonAfterAnotherIsTheSame() {
        outage.notAnswered();
        outage.answered();
        long first = outage.doubt().fromMillis();
        outage.notAnswered();

        assertThat(outage.doubt().fromMillis()).isGreaterThanOrEqualTo(first);
        assertThat(outage.doubt().untilMillis()).isZero();
    }
}
