package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.EventExecutor;
import io.portcullis.StoppedLoop;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.StepVerifier.FirstStep;
import reactor.test.StepVerifierOptions;
import reactor.test.publisher.TestPublisher;
import reactor.test.publisher.TestPublisher.Violation;
import reactor.util.context.Context;

/** On an event loop whose time goes on when the test says so. */
class TimedSendingTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Deadline DEADLINE = new Deadline(42);

    @AutoClose
    private final StoppedLoop time = new StoppedLoop();

    private final TestPublisher<String> store = TestPublisher.create();

    private FirstStep<String> sent(Mono<String> sending) {
        return StepVerifier.create(
                TimedSending.of(sending, TIMEOUT, DEADLINE),
                StepVerifierOptions.create().withInitialContext(Context.of(EventExecutor.class, time.loop())));
    }

    @Test
    void anAnswerInTimeIsTheAnswerAndStopsTheTimer() {
        sent(store.mono())
                .then(() -> time.passes(TIMEOUT.minusMillis(1)))
                .then(() -> assertThat(time.hasTimer()).isTrue())
                .then(() -> store.emit("answer"))
                .expectNext("answer")
                .verifyComplete();

        assertThat(time.hasTimer()).isFalse();
    }

    @Test
    void aSendingThatIsNotAnsweredInTimeIsGivenUp() {
        sent(store.mono())
                .then(() -> time.passes(TIMEOUT))
                .expectErrorSatisfies(
                        e -> assertThat(e).isInstanceOf(TimeoutException.class).hasMessage("no answer within PT1S"))
                .verify();

        store.assertCancelled();
    }

    @Test
    void whatComesOfOneThatWasGivenUpIsNobodys() {
        TestPublisher<String> slow = TestPublisher.createNoncompliant(Violation.DEFER_CANCELLATION);

        sent(Mono.fromDirect(slow))
                .then(() -> time.passes(TIMEOUT))
                .then(() -> slow.next("too late"))
                .then(() -> slow.error(new IllegalStateException("broken")))
                .expectError(TimeoutException.class)
                .verifyThenAssertThat()
                .hasDropped("too late")
                .hasDroppedErrorWithMessage("broken");
    }

    @Test
    void whatFailsFailsAndStopsTheTimer() {
        sent(store.mono())
                .then(() -> store.error(new IllegalStateException("broken")))
                .verifyErrorMessage("broken");

        assertThat(time.hasTimer()).isFalse();
    }

    @Test
    void nothingAtAllIsAnAnswerToo() {
        sent(store.mono()).then(store::complete).verifyComplete();

        assertThat(time.hasTimer()).isFalse();
    }

    @Test
    void whoStopsWaitingStopsTheSendingAndTheTimer() {
        sent(store.mono()).thenCancel().verify();

        store.assertCancelled();
        assertThat(time.hasTimer()).isFalse();
    }

    @Test
    void theSendingKnowsUntilWhenItIsOfUse() {
        sent(Mono.deferContextual(call -> Mono.just(call.get(Deadline.class).toString())))
                .expectNext(DEADLINE.toString())
                .verifyComplete();
    }
}
