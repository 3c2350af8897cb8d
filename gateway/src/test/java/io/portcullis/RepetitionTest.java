package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class RepetitionTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final AtomicInteger done = new AtomicInteger();
    private final AtomicBoolean stopped = new AtomicBoolean();

    private Repetition every(Duration pause, Mono<Void> work) {
        return new Repetition("a test", pause, work);
    }

    @Test
    void itIsDoneAgainAndAgainAlsoAfterAFailure() {
        Repetition repetition = every(Duration.ofMillis(1), Mono.defer(() -> {
            done.incrementAndGet();
            return Mono.error(new IllegalStateException());
        }));

        repetition.start();

        await().atMost(SOON).until(() -> done.get() > 3);
        repetition.stop(() -> stopped.set(true));
        assertThat(stopped).isTrue();
        assertThat(repetition.isRunning()).isFalse();
    }

    @Test
    void itIsDoneOnceMoreAtTheEnd() {
        Repetition repetition = every(Duration.ofDays(1), Mono.fromRunnable(done::incrementAndGet));
        repetition.start();

        repetition.stop(() -> stopped.set(done.get() == 1));

        assertThat(stopped).isTrue();
    }

    @Test
    void whatHasNoEndHoldsUpNoEnd() {
        Repetition repetition = every(Duration.ofDays(1), Mono.never());
        repetition.start();

        repetition.stop(() -> stopped.set(true));

        await().atMost(SOON).untilTrue(stopped);
    }
}
