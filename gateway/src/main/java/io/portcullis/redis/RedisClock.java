package io.portcullis.redis;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReactiveServerCommands;

/**
 * By how much Redis' clock, which stamps what is announced, is ahead of ours: as exact as half of a round trip. Of one
 * thread, which may wait.
 */
final class RedisClock {
    private final InstantSource clock;
    private final Duration answersWithin;
    private long aheadMillis;

    RedisClock(InstantSource clock, Duration answersWithin) {
        this.clock = clock;
        this.answersWithin = answersWithin;
    }

    /** Asks Redis what time it is; without an answer what was known before holds. */
    void compare(ReactiveServerCommands server) {
        long asked = clock.millis();
        Long redis = server.time(TimeUnit.MILLISECONDS)
                .timeout(answersWithin)
                // the store's connection: its troubles are not those of whoever asks
                .onErrorComplete(e -> e instanceof DataAccessException || e instanceof TimeoutException)
                .block();
        if (redis != null) {
            aheadMillis = redis - (asked + clock.millis()) / 2;
        }
    }

    /** How long ago an entry was added, not negative. */
    Duration ageOf(EntryId entry) {
        return Duration.ofMillis(Math.max(0, clock.millis() + aheadMillis - entry.millis()));
    }
}
