package io.portcullis;

import io.portcullis.edge.ConnectionDrain;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;

/**
 * Goes on serving for a while after SIGTERM: readiness says 503 from its beginning (Spring Boot), and balancers need time to
 * notice. Then the web servers end gracefully, the management port's after the public one.
 */
final class DrainLifecycle implements SmartLifecycle {
    private final ConnectionDrain drain;
    private final Duration drainTime;
    private volatile boolean isRunning;

    DrainLifecycle(ConnectionDrain drain, Duration drainTime) {
        this.drain = drain;
        this.drainTime = drainTime;
    }

    @Override
    public void start() {
        isRunning = true;
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable stopped) {
        isRunning = false;
        if (drainTime.isZero()) {
            stopped.run();
            return;
        }
        drain.begin();
        Mono.delay(drainTime).doFinally(signal -> stopped.run()).subscribe();
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    /** Before everything else stops. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
