package io.portcullis.session;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.AdoptionClaim.Adopted;
import io.portcullis.session.AdoptionClaim.Busy;
import io.portcullis.session.AdoptionClaim.Claimed;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What a store does about refresh tokens of backends while these are asked, and afterwards. */
public abstract class AdoptionContract extends EndOfSubjectContract {
    private final TokenHash token = TokenHash.of(first.value());

    private AdoptionClaim claim(AttemptId claimant, Duration lease) {
        return answer(store().claimAdoption(token, claimant, lease));
    }

    private AdoptionClaim claim(AttemptId claimant) {
        return claim(claimant, HOUR);
    }

    private boolean complete(AttemptId claimant, String sealed) {
        return answer(
                store().completeAdoption(token, claimant, sealed, Instant.now().plus(HOUR)));
    }

    private boolean giveBack(AttemptId claimant) {
        return answer(store().giveBackAdoption(token, claimant));
    }

    private static <T> T answer(Mono<T> answer) {
        return answer.blockOptional(Duration.ofSeconds(10)).orElseThrow();
    }

    @Test
    void tokenIsClaimedOnce() {
        assertThat(claim(first)).isEqualTo(new Claimed());
        assertThat(claim(second)).isEqualTo(new Busy());
        assertThat(claim(first)).isEqualTo(new Claimed());
        assertThat(answer(store().claimAdoption(TokenHash.of("another"), second, HOUR)))
                .isEqualTo(new Claimed());
    }

    @Test
    void completedAdoptionIsToldToEverybody() {
        claim(first);

        assertThat(complete(first, "one")).isTrue();
        assertThat(complete(first, "one")).isTrue();

        assertThat(claim(second)).isEqualTo(new Adopted("one"));
        assertThat(claim(first)).isEqualTo(new Adopted("one"));
    }

    @Test
    void claimThatIsGivenBackIsTheNextOnes() {
        claim(first);

        assertThat(giveBack(first)).isTrue();
        assertThat(giveBack(first)).isFalse();

        assertThat(claim(second)).isEqualTo(new Claimed());
        assertThat(complete(first, "late")).isFalse();
        assertThat(claim(second)).isEqualTo(new Claimed());
    }

    @Test
    void nobodyGivesBackWhatIsNotTheirs() {
        assertThat(giveBack(first)).isFalse();
        claim(first);
        assertThat(giveBack(second)).isFalse();
        assertThat(claim(second)).isEqualTo(new Busy());
        complete(first, "one");

        assertThat(giveBack(first)).isFalse();
        assertThat(claim(second)).isEqualTo(new Adopted("one"));
    }

    @Test
    void claimIsOverWithItsLease() {
        claim(first, ofMillis(20));

        await().pollDelay(Duration.ZERO).pollInterval(ofMillis(2)).until(() -> claim(second), new Claimed()::equals);

        assertThat(complete(first, "late")).isFalse();
        assertThat(complete(second, "two")).isTrue();
        assertThat(claim(first)).isEqualTo(new Adopted("two"));
    }

    @Test
    void claimThatNobodyElseTookIsCompletedAfterItsLeaseAllTheSame() {
        claim(first, ofMillis(1));
        giveBack(first);

        assertThat(complete(first, "one")).isTrue();
        assertThat(claim(second)).isEqualTo(new Adopted("one"));
    }
}
