package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class KeptCallsTest {
    private static final Instant NOW = Instant.parse("2026-05-04T10:00:00Z");

    private final KeptCalls calls = new KeptCalls(3, Duration.ofMinutes(10));
    private final List<String> made = new ArrayList<>();
    private final Set<String> answered = new HashSet<>();

    private void keep(String name) {
        calls.keep(
                name,
                Mono.defer(() -> {
                    made.add(name);
                    return answered.contains(name)
                            ? Mono.just(name)
                            : Mono.error(new StoreUnavailableException("away", new RuntimeException()));
                }),
                NOW);
    }

    @Test
    void whatTheStoreDoesNotAnswerStays() {
        keep("a");
        keep("b");

        calls.repeat(NOW).block();

        assertThat(made).containsExactly("a", "b");
        assertThat(calls.size()).isEqualTo(2);
    }

    @Test
    void callThatIsNeverAnsweredHoldsUpNoOther() {
        keep("a");
        keep("b");
        keep("c");
        answered.addAll(List.of("b", "c"));

        calls.repeat(NOW).block();
        calls.repeat(NOW).block();

        assertThat(made).startsWith("a").contains("b", "c");
        assertThat(calls.size()).isEqualTo(1);
        calls.repeat(NOW.plus(Duration.ofMinutes(11))).block();
        assertThat(calls.outdated()).isEqualTo(1);
    }

    @Test
    void someThatAreNotAnsweredDoNotEndTheRound() {
        KeptCalls many = new KeptCalls(100, Duration.ofMinutes(10));
        for (int i = 0; i < 40; i++) {
            boolean isAnswered = i % 10 != 1;
            Mono<String> call = isAnswered
                    ? Mono.just("yes")
                    : Mono.error(new StoreUnavailableException("away", new RuntimeException()));
            many.keep(i, call.doOnSubscribe(s -> made.add("one")), NOW);
        }

        many.repeat(NOW).block();

        assertThat(made).hasSize(40);
        assertThat(many.size()).isEqualTo(4);
    }

    @Test
    void manyThatAreNotAnsweredEndIt() {
        KeptCalls many = new KeptCalls(100, Duration.ofMinutes(10));
        for (int i = 0; i < 100; i++) {
            Mono<String> call = i == 0
                    ? Mono.just("yes")
                    : Mono.error(new StoreUnavailableException("away", new RuntimeException()));
            many.keep(i, call.doOnSubscribe(s -> made.add("one")), NOW);
        }

        many.repeat(NOW).block();

        assertThat(made).hasSizeLessThan(20);
        assertThat(many.size()).isEqualTo(99);
    }

    @Test
    void whatIsAnsweredIsMadeNoMore() {
        keep("a");
        keep("b");
        keep("c");
        answered.addAll(List.of("a", "c"));

        calls.repeat(NOW).block();
        answered.add("b");
        calls.repeat(NOW).block();
        calls.repeat(NOW).block();

        assertThat(made).contains("a", "c").filteredOn("b"::equals).hasSize(2);
        assertThat(calls.size()).isZero();
    }

    @Test
    void whatIsWithdrawnIsNotMade() {
        keep("a");

        assertThat(calls.withdraw("a")).isTrue();
        assertThat(calls.withdraw("a")).isFalse();
        calls.repeat(NOW).block();

        assertThat(made).isEmpty();
    }

    @Test
    void recordThatCannotBeReadIsNotAskedForAgain() {
        calls.keep("a", Mono.error(new UnreadableRecordException("v2", new RuntimeException())), NOW);

        calls.repeat(NOW).block();

        assertThat(calls.size()).isZero();
    }

    @Test
    void ofTooManyTheEldestGiveWayAndAreCounted() {
        List.of("a", "b", "c", "d").forEach(this::keep);

        assertThat(calls.size()).isEqualTo(3);
        assertThat(calls.displaced()).isEqualTo(1);
        assertThat(calls.withdraw("a")).isFalse();
    }

    @Test
    void whatIsTooOldIsDroppedAndCounted() {
        keep("a");
        answered.add("a");

        calls.repeat(NOW.plus(Duration.ofMinutes(11))).block();

        assertThat(made).isEmpty();
        assertThat(calls.size()).isZero();
        assertThat(calls.outdated()).isEqualTo(1);
    }

    private static Mono<String> notAnswered() {
        return Mono.error(new StoreUnavailableException("away", new RuntimeException()));
    }

    @Test
    void eightThatAreNotAnsweredEndTheRound() {
        KeptCalls many = new KeptCalls(100, Duration.ofMinutes(10));
        for (int i = 0; i < 20; i++) {
            many.keep(i, notAnswered().doOnSubscribe(s -> made.add("one")), NOW);
        }

        many.repeat(NOW).block();

        assertThat(made).hasSize(8);
    }

    @Test
    void thoseThatEndedARoundAreBehindTheOthersInTheNext() {
        KeptCalls many = new KeptCalls(100, Duration.ofMinutes(10));
        for (int i = 0; i < 8; i++) {
            many.keep(i, notAnswered(), NOW);
        }
        many.keep("answered", Mono.just("yes").doOnSubscribe(s -> made.add("answered")), NOW);

        many.repeat(NOW).block();
        assertThat(made).isEmpty();
        many.repeat(NOW).block();

        assertThat(made).containsExactly("answered");
        assertThat(many.size()).isEqualTo(8);
    }

    @Test
    void aRoundHasAnEnd() {
        KeptCalls many = new KeptCalls(1000, Duration.ofMinutes(10));
        for (int i = 0; i < 501; i++) {
            many.keep(i, Mono.just("yes"), NOW);
        }

        many.repeat(NOW).block();

        assertThat(many.size()).isEqualTo(1);
    }

    @Test
    void aCallKnowsWhetherItIsOneThatIsRepeated() {
        List<Boolean> repeating = new ArrayList<>();
        Mono<Boolean> call = Mono.deferContextual(context -> Mono.just(KeptCalls.isRepeating(context)))
                .doOnNext(repeating::add);
        calls.keep("a", call, NOW);

        calls.repeat(NOW).block();
        call.block();

        assertThat(repeating).containsExactly(true, false);
    }
}
