package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What a reuse looks like to the operator. */
class ReuseTest {
    private static final Instant ROTATED_AT = Instant.parse("2026-03-01T00:00:00Z");

    private static Reuse reuse(long presented, Duration age) {
        return new Reuse(presented, 7, ROTATED_AT, ROTATED_AT.plus(age));
    }

    @Test
    void parentWithinSecondsOfItsRotationIsARace() {
        assertThat(reuse(6, Duration.ZERO).kind()).isEqualTo(Reuse.Kind.RACE);
        assertThat(reuse(6, Duration.ofSeconds(10)).kind()).isEqualTo(Reuse.Kind.RACE);
    }

    @Test
    void parentLaterIsStale() {
        assertThat(reuse(6, Duration.ofMillis(10_001)).kind()).isEqualTo(Reuse.Kind.STALE);
    }

    @Test
    void olderTokenIsStaleHoweverSoonItComes() {
        assertThat(reuse(5, Duration.ZERO).kind()).isEqualTo(Reuse.Kind.STALE);
        assertThat(reuse(0, Duration.ZERO).kind()).isEqualTo(Reuse.Kind.STALE);
    }

    @Test
    void distanceAndAgeAreTold() {
        Reuse reuse = reuse(3, Duration.ofMinutes(5));

        assertThat(reuse.generationsBehind()).isEqualTo(4);
        assertThat(reuse.age()).isEqualTo(Duration.ofMinutes(5));
    }
}
