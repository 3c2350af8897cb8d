package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.portcullis.StoppedLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import reactor.netty.ByteBufFlux;
import reactor.test.StepVerifier;
import reactor.test.StepVerifier.FirstStep;
import reactor.test.publisher.TestPublisher;
import reactor.test.publisher.TestPublisher.Violation;

/** On an event loop whose time goes on when the test says so. */
class BodyReadingTest {
    private static final int LIMIT = 8;
    private static final int READ_MAX = 16;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @AutoClose
    private final StoppedLoop time = new StoppedLoop();

    private final TestPublisher<ByteBuf> client = TestPublisher.create();

    private FirstStep<ReceivedBody> read() {
        return read(client);
    }

    private FirstStep<ReceivedBody> read(TestPublisher<ByteBuf> from) {
        return StepVerifier.create(
                BodyReading.of(ByteBufFlux.fromInbound(from.flux()), LIMIT, READ_MAX, TIMEOUT, time.loop()));
    }

    private void sends(String text) {
        client.next(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    @Test
    void piecesAreOneBodyAndTheTimerEndsWithIt() {
        read().then(() -> sends("abc"))
                .then(() -> time.passes(TIMEOUT.minusMillis(1)))
                .then(() -> assertThat(time.hasTimer()).isTrue())
                .then(() -> sends("de"))
                .then(client::complete)
                .assertNext(body -> {
                    assertThat(body.isOverLimit()).isFalse();
                    assertThat(body.bytes()).asString().isEqualTo("abcde");
                })
                .verifyComplete();

        assertThat(time.hasTimer()).isFalse();
    }

    @Test
    void aBodyThatDoesNotArriveInTimeIsGivenUp() {
        read().then(() -> sends("abc")).then(() -> time.passes(TIMEOUT)).verifyError(TimeoutException.class);

        client.assertCancelled();
    }

    @Test
    void whatComesAfterItsTimeIsNobodys() {
        TestPublisher<ByteBuf> slow = TestPublisher.createNoncompliant(Violation.DEFER_CANCELLATION);

        read(slow)
                .then(() -> time.passes(TIMEOUT))
                .then(() -> slow.next(Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII)))
                .then(() -> slow.error(new IllegalStateException("broken")))
                .expectError(TimeoutException.class)
                .verifyThenAssertThat()
                .hasDroppedErrorWithMessage("broken");
    }

    @Test
    void whatIsOverTheLimitIsReadToItsEndAndNotKept() {
        read().then(() -> sends("abcde"))
                .then(() -> sends("fghij"))
                .then(client::complete)
                .assertNext(body -> {
                    assertThat(body.isOverLimit()).isTrue();
                    assertThat(body.bytes()).isEmpty();
                })
                .verifyComplete();

        client.assertNotCancelled();
    }

    @Test
    void nothingIsReadAfterTheMost() {
        read().then(() -> sends("0123456789"))
                .then(() -> sends("0123456"))
                .assertNext(body -> assertThat(body.isOverLimit()).isTrue())
                .verifyComplete();

        client.assertCancelled();
        assertThat(time.hasTimer()).isFalse();
    }

    @Test
    void whatFailsFailsAndStopsTheTimer() {
        read().then(() -> client.error(new IllegalStateException("broken"))).verifyErrorMessage("broken");

        assertThat(time.hasTimer()).isFalse();
    }

    @Test
    void whoStopsWaitingStopsTheReadingAndTheTimer() {
        read().then(() -> sends("abc")).thenCancel().verify();

        client.assertCancelled();
        assertThat(time.hasTimer()).isFalse();
    }
}
