package io.portcullis.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Redis answers instead of running a script: that its ACL lacks a command, that its disk is full or a replica missing.
 * Only there is the reason said for which refreshes are 503. It names no key and no argument.
 */
final class ErrorReplies {
    private static final Logger log = LoggerFactory.getLogger(ErrorReplies.class);

    /** Each refresh may get the same. */
    private static final Duration SAID_AGAIN_AFTER = Duration.ofSeconds(10);

    private final AtomicLong saidNanos = new AtomicLong(System.nanoTime() - SAID_AGAIN_AFTER.toNanos());

    /** @param e why a script was not run; says nothing of what Redis did not answer */
    void say(Throwable e) {
        if (!(e.getCause() instanceof RedisCommandExecutionException reply)) {
            return;
        }
        long said = saidNanos.get();
        long now = System.nanoTime();
        if (now - said >= SAID_AGAIN_AFTER.toNanos() && saidNanos.compareAndSet(said, now)) {
            log.warn("Redis did not run a script: {}", reply.getMessage());
        }
    }
}
