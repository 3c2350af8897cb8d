package io.portcullis;

import io.portcullis.redis.RevocationTail;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Lets the server start only when it is known what was revoked before, however long reading it takes; or when Redis is away:
 * has not answered for a time.
 */
final class CatchUp implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(CatchUp.class);

    private final RevocationTail tail;
    private final Duration silence;
    private volatile boolean running;

    CatchUp(RevocationTail tail, Duration silence) {
        this.tail = tail;
        this.silence = silence;
    }

    @Override
    public int getPhase() {
        return WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE - 1;
    }

    @Override
    public void start() {
        running = true;
        tail.start();
        if (!tail.awaitCaughtUp(silence)) {
            log.warn(
                    "Serving without knowing which sessions were revoked before: Redis has not answered for {}",
                    silence);
        }
    }

    @Override
    public void stop() {
        running = false;
        tail.stop();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
