package io.portcullis.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A loop is late when two measurements in a row say so, the one that is still going on among them. */
class LoopDelayTest {
    private long nanos = TimeUnit.DAYS.toNanos(-1);
    private final LoopDelay delay = new LoopDelay(() -> nanos);

    private void arrivedLate(long milliseconds) {
        nanos += LoopDelay.INTERVAL_NANOS;
        passed(milliseconds);
        delay.arrived();
    }

    private void passed(long milliseconds) {
        nanos += TimeUnit.MILLISECONDS.toNanos(milliseconds);
    }

    private long millis() {
        return TimeUnit.NANOSECONDS.toMillis(delay.nanos());
    }

    @Test
    void aLoopThatIsInTimeIsNotLate() {
        assertThat(millis()).isZero();

        arrivedLate(0);
        arrivedLate(0);
        passed(50);

        assertThat(millis()).isZero();
    }

    @Test
    void oneStandstillIsNoDelay() {
        arrivedLate(0);
        arrivedLate(5_000);
        assertThat(millis()).isZero();

        arrivedLate(0);
        assertThat(millis()).isZero();

        arrivedLate(700);
        assertThat(millis()).isZero();
    }

    @Test
    void twoInARowAreTheShorterOfThem() {
        arrivedLate(700);
        arrivedLate(400);
        assertThat(millis()).isEqualTo(400);

        arrivedLate(900);
        assertThat(millis()).isEqualTo(400);

        arrivedLate(900);
        assertThat(millis()).isEqualTo(900);
    }

    @Test
    void theSecondMayStillBeGoingOn() {
        arrivedLate(700);
        passed(100 + 250);
        assertThat(millis()).isEqualTo(250);

        passed(1_000);
        assertThat(millis()).isEqualTo(700);
    }

    @Test
    void ofOneThatIsGoingOnAloneAThirdCounts() {
        arrivedLate(0);
        passed(100 + 600);
        assertThat(millis()).isEqualTo(200);

        delay.arrived();
        assertThat(millis()).isZero();
    }

    @Test
    void oneInTimeIsTheEndOfIt() {
        arrivedLate(700);
        arrivedLate(700);
        arrivedLate(0);

        assertThat(millis()).isZero();
    }

    @Test
    void eachMeasurementIsAnother() {
        long before = delay.measurement();

        arrivedLate(0);

        assertThat(delay.measurement()).isNotEqualTo(before);
    }
}
