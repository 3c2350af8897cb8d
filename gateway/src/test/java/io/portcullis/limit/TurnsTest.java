package io.portcullis.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is let in on a loop that is late. */
class TurnsTest {
    private static final long MOST = TimeUnit.MILLISECONDS.toNanos(300);
    private static final int FEW = Turns.ALWAYS_ADMITTED;

    private long nanos;
    private final LoopDelay delay = new LoopDelay(() -> nanos);
    private final LoopDelay store = new LoopDelay(() -> nanos);
    private final Turns turns = new Turns(delay);

    private void late(LoopDelay loop, long milliseconds) {
        arrivedLate(loop, milliseconds);
        arrivedLate(loop, milliseconds);
    }

    private void arrivedLate(LoopDelay loop, long milliseconds) {
        nanos += LoopDelay.INTERVAL_NANOS + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        loop.arrived();
    }

    /** How many of so many are let in. */
    private int admitted(int asking, Traffic traffic) {
        return (int) IntStream.range(0, asking)
                .filter(i -> turns.admit(traffic, MOST, List.of(store)))
                .count();
    }

    @Test
    void allAreLetInWhileTheLoopIsInTime() {
        late(delay, 300);

        assertThat(admitted(10_000, Traffic.FORWARDED)).isEqualTo(10_000);
        assertThat(admitted(10_000, Traffic.REFRESH)).isEqualTo(10_000);
    }

    @Test
    void aFewOfEachAreLetInHoweverLateTheLoopIs() {
        late(delay, 60_000);

        assertThat(admitted(10_000, Traffic.FORWARDED)).isEqualTo(FEW);
        assertThat(admitted(10_000, Traffic.REFRESH)).isEqualTo(FEW);
    }

    @Test
    void eachMeasurementLetsAFewIn() {
        late(delay, 1_000);
        admitted(10_000, Traffic.FORWARDED);
        late(delay, 1_000);

        assertThat(admitted(10_000, Traffic.FORWARDED)).isEqualTo(FEW);
    }

    @Test
    void aFloodOfOneKindLeavesTheOtherAlone() {
        arrivedLate(delay, 0);
        arrivedLate(delay, 400);
        assertThat(admitted(500, Traffic.FORWARDED)).isEqualTo(500);
        nanos += LoopDelay.INTERVAL_NANOS + TimeUnit.MILLISECONDS.toNanos(350);
        store.arrived();

        assertThat(admitted(500, Traffic.FORWARDED)).isZero();
        assertThat(admitted(300, Traffic.REFRESH)).isEqualTo(300);
        assertThat(admitted(500, Traffic.REFRESH)).isEqualTo(200);
    }

    private int admittedLimited(int asking) {
        return (int)
                IntStream.range(0, asking).filter(i -> turns.admitLimited(MOST)).count();
    }

    @Test
    void whoSendsTooManyTakesNoTurnOfAnother() {
        arrivedLate(delay, 0);
        arrivedLate(delay, 400);
        assertThat(admittedLimited(500)).isEqualTo(500);
        nanos += LoopDelay.INTERVAL_NANOS + TimeUnit.MILLISECONDS.toNanos(350);
        store.arrived();

        assertThat(admittedLimited(500)).isZero();
        assertThat(admitted(300, Traffic.REFRESH)).isEqualTo(300);
        assertThat(admitted(300, Traffic.FORWARDED)).isEqualTo(300);
    }

    @Test
    void noFewOfThoseWhoSendTooManyAreLetInOnALateLoop() {
        late(delay, 301);

        assertThat(admittedLimited(500)).isZero();
        assertThat(admitted(FEW, Traffic.REFRESH)).isEqualTo(FEW);
    }

    @Test
    void twiceAsLateLetsNeitherIn() {
        late(delay, 700);
        assertThat(admitted(FEW + 100, Traffic.FORWARDED)).isEqualTo(FEW);

        assertThat(admitted(500, Traffic.REFRESH)).isEqualTo(FEW);
    }

    @Test
    void whoMustNotWaitForTheStoreIsLetInWhenThatIsLate() {
        late(store, 301);

        assertThat(admitted(1_000, Traffic.REFRESH)).isEqualTo(FEW);
        assertThat(admitted(1_000, Traffic.FORWARDED)).isEqualTo(1_000);
    }
}
