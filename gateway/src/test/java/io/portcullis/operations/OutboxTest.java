package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.portcullis.SecurityLine;
import io.portcullis.operations.Outbox.Patience;
import io.portcullis.operations.WebhookReceiver.Post;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.HttpResources;

/** Events that wait for a consumer which fails: security.md, 47. */
class OutboxTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    private static final Patience PATIENT =
            new Patience(Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMinutes(5));

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final WebhookReceiver receiver = new WebhookReceiver();

    @AfterEach
    void stop() {
        receiver.close();
    }

    private Outbox outbox(int capacity, Patience patience) {
        Webhook webhook = new Webhook(
                receiver.uri(), SECRET, Duration.ofMillis(500), 4, HttpResources.get(), InstantSource.system());
        return new Outbox("webhook", capacity, 4, patience, webhook::post, registry);
    }

    private static List<String> offer(Outbox outbox, int events) {
        List<String> ids = IntStream.range(0, events).mapToObj(i -> "evt_" + i).toList();
        ids.forEach(id -> outbox.offer(WebhookTest.event(id)));
        return ids;
    }

    private double dropped(String reason) {
        return registry.get("portcullis.events.dropped")
                .tag("reason", reason)
                .counter()
                .count();
    }

    private double pending() {
        return registry.get("portcullis.events.pending").gauge().value();
    }

    private double delivered() {
        return registry.get("portcullis.events.delivered").counter().count();
    }

    private Set<String> takenIds() {
        return new HashSet<>(receiver.taken().stream().map(Post::id).toList());
    }

    @Test
    @SecurityLine(47)
    void aReceiverThatFailsAndComesBackGetsEveryEventUnderTheSameId() {
        Outbox outbox = outbox(100, PATIENT);
        receiver.answer(500);
        List<String> ids = offer(outbox, 50);
        await().atMost(SOON).until(() -> receiver.refused().size() > 8);
        receiver.hang();
        await().atMost(SOON).until(() -> receiver.refused().size() > 12);
        receiver.stop();
        receiver.startAgain();
        receiver.stop();
        receiver.answer(204);
        receiver.startAgain();

        await().atMost(SOON).until(() -> pending() == 0);

        assertThat(takenIds()).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(delivered()).isEqualTo(50);
        assertThat(dropped("full") + dropped("late") + dropped("shutdown")).isZero();
    }

    @Test
    @SecurityLine(47)
    void whatIsMoreThanTheBoundIsDroppedAndCounted() {
        Outbox outbox = outbox(10, PATIENT);
        receiver.answer(503);

        offer(outbox, 25);

        assertThat(pending()).isEqualTo(10);
        assertThat(dropped("full")).isEqualTo(15);
        receiver.answer(200);
        await().atMost(SOON).until(() -> pending() == 0);
        assertThat(takenIds()).hasSize(10);
        assertThat(offer(outbox, 1)).hasSize(1);
        await().atMost(SOON).until(() -> delivered() == 11);
    }

    @Test
    void anEventThatIsNotTakenForTooLongIsDroppedAndCounted() {
        Outbox outbox = outbox(10, new Patience(Duration.ofMillis(10), Duration.ofMillis(20), Duration.ofMillis(200)));
        receiver.answer(500);

        offer(outbox, 3);

        await().atMost(SOON).until(() -> dropped("late") == 3);
        assertThat(pending()).isZero();
        assertThat(delivered()).isZero();
    }

    @Test
    void noMoreThanAllowedAreUnderWayAtOnce() {
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Outbox outbox = new Outbox(
                "webhook",
                1000,
                3,
                PATIENT,
                event -> Mono.delay(Duration.ofMillis(1))
                        .doFirst(() -> most.accumulateAndGet(underWay.incrementAndGet(), Math::max))
                        .doOnTerminate(underWay::decrementAndGet)
                        .then(),
                registry);

        offer(outbox, 200);

        await().atMost(SOON).until(() -> delivered() == 200);
        assertThat(most.get()).isEqualTo(3);
    }

    @Test
    void anOutboxOfTenThousandIsDrainedByAConsumerThatTakesAtOnce() {
        Sluice sluice = new Sluice();
        Outbox outbox = new Outbox("webhook", 10_000, 1, PATIENT, event -> sluice.pass(), registry);

        offer(outbox, 10_000);
        sluice.open();

        await().atMost(SOON).until(() -> delivered() == 10_000);
    }

    @Test
    void theEndWaitsForWhatIsLeftAndHurries() {
        Outbox outbox = outbox(100, new Patience(Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(2)));
        receiver.answer(500);
        List<String> ids = offer(outbox, 20);
        await().atMost(SOON).until(() -> receiver.refused().size() >= 4);
        receiver.answer(200);

        // over when nothing is left, not when it must be
        outbox.close(Duration.ofHours(1)).block(SOON);

        assertThat(takenIds()).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(dropped("shutdown")).isZero();
    }

    @Test
    void theEndOfAnEmptyOutboxWaitsForNothing() {
        Outbox outbox = outbox(100, PATIENT);

        assertThatCode(() -> outbox.close(Duration.ofHours(1)).block(SOON)).doesNotThrowAnyException();
    }

    @Test
    void theEndIsBoundedAndWhatIsLeftIsCounted() {
        Outbox outbox = outbox(100, PATIENT);
        receiver.answer(500);
        offer(outbox, 20);

        outbox.close(Duration.ofMillis(300)).block(SOON);

        assertThat(dropped("shutdown")).isEqualTo(20);
        assertThat(delivered()).isZero();
        await().atMost(SOON).until(() -> pending() == 0);
    }

    /** Holds what comes until it is opened. */
    private static final class Sluice {
        private final Sinks.Empty<Void> opened = Sinks.empty();

        Mono<Void> pass() {
            return opened.asMono();
        }

        void open() {
            opened.tryEmitEmpty();
        }
    }
}
