package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealmPolicyTest {
    private static RealmPolicy policy(Duration access, Duration idle, Duration absolute, Duration grace, int sessions) {
        return new RealmPolicy(access, idle, absolute, grace, ReuseAction.REVOKE, sessions);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, PT1S, PT1S, PT0S, 0",
        "PT-1S, PT1S, PT1S, PT0S, 0",
        "PT1S, PT0S, PT1S, PT0S, 0",
        "PT1S, PT1S, PT0S, PT0S, 0",
        "PT1S, PT1S, PT1S, PT-0.001S, 0",
        "PT1S, PT1S, PT1S, PT0S, -1"
    })
    void lifetimesArePositiveAndTheRestIsNotNegative(
            Duration access, Duration idle, Duration absolute, Duration grace, int sessions) {
        assertThatThrownBy(() -> policy(access, idle, absolute, grace, sessions))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theShortestAndStrictestIsAPolicy() {
        Duration shortest = Duration.ofNanos(1);

        RealmPolicy policy = policy(shortest, shortest, shortest, Duration.ZERO, 0);

        assertThat(policy.reuseGrace()).isZero();
    }
}
