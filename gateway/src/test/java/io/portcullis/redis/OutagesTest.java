package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.redis.Outage.Doubt;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutagesTest {
    private static final String KEY = "portcullis:{ab}:session:one";
    private static final String ELSEWHERE = "portcullis:{cd}:session:other";

    private final Outages outages = new Outages();

    private static long seconds(double seconds) {
        return Math.round(seconds * Duration.ofSeconds(1).toNanos());
    }

    @Test
    void asLongAsRedisAnswersThereIsNoDoubt() {
        outages.answered(KEY);
        outages.answered();

        assertThat(outages.doubt(KEY)).isEqualTo(Doubt.NONE);
    }

    @Test
    void whileItIsAwayEverythingSinceItsLastAnswerIsDoubtful() {
        outages.answered(KEY);
        outages.notAnswered();

        assertThat(outages.doubt(KEY).fromMillis()).isGreaterThanOrEqualTo(1_000);
        assertThat(outages.doubt(KEY).untilMillis()).isZero();
    }

    @Test
    void whenItIsBackWhatWasThenStaysDoubtfulForAMoment() {
        outages.notAnswered(ELSEWHERE);
        outages.answered(ELSEWHERE);
        Doubt doubt = outages.doubt(KEY);

        assertThat(doubt.fromMillis()).isBetween(1_000L, 5_000L);
        assertThat(doubt.untilMillis()).isLessThan(doubt.fromMillis());
    }

    @Test
    void serverOfAClusterThatIsAwayIsDoubtfulThoughOthersAnswer() {
        outages.notAnswered(KEY);
        outages.answered(ELSEWHERE);

        assertThat(outages.doubt(KEY).untilMillis()).isZero();
        assertThat(outages.doubt(KEY).fromMillis()).isGreaterThanOrEqualTo(6_000);
        assertThat(outages.doubt(ELSEWHERE).fromMillis()).isLessThan(5_000);
    }

    @Test
    void keysThatAreNoSubjectsAreNotCountedEach() {
        outages.notAnswered("portcullis:revocations");
        outages.answered("portcullis:{of a token}:adoption");

        assertThat(outages.doubt(KEY).fromMillis()).isBetween(1_000L, 5_000L);
    }

    @Test
    void outageMattersForTenSecondsAfterItsEnd() {
        Outage outage = new Outage();
        outage.notAnswered(seconds(1), seconds(2));
        outage.answered(seconds(5));

        assertThat(outage.doubt(seconds(15))).isEqualTo(new Doubt(14_000, 10_000));
        assertThat(outage.doubt(seconds(15.1))).isEqualTo(Doubt.NONE);
    }

    @Test
    void outageThatNobodyAsksAboutAnyMoreIsOver() {
        Outage outage = new Outage();
        outage.notAnswered(seconds(1), seconds(2));

        assertThat(outage.doubt(seconds(11))).isEqualTo(new Doubt(10_000, 0));
        assertThat(outage.doubt(seconds(12.1))).isEqualTo(Doubt.NONE);
    }

    @Test
    void outagesThatFollowEachOtherDoNotAddUp() {
        Outage outage = new Outage();
        for (int second = 0; second < 600; second++) {
            outage.notAnswered(seconds(second), seconds(second));
            outage.answered(seconds(second + 0.5));
        }

        assertThat(outage.doubt(seconds(600)).fromMillis()).isBetween(9_000L, 12_000L);
    }

    @Test
    void manyShortOnesAreAsLongAsAllOfThem() {
        Outage outage = new Outage();
        for (int i = 0; i < 100; i++) {
            outage.notAnswered(seconds(i * 0.05), seconds(i * 0.05));
            outage.answered(seconds(i * 0.05 + 0.01));
        }

        assertThat(outage.doubt(seconds(5))).isEqualTo(new Doubt(5_000, 40));
    }
}
