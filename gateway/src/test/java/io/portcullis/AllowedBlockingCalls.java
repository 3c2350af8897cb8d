package io.portcullis;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * What may look like blocking on a network thread in tests: it never makes its caller wait for long. BlockHound is there
 * before the first test (blockhound-junit-platform): had one gateway run without it, its log would still write to the
 * console unseen by BlockHound, and the next gateway's timers would fail on it.
 */
public final class AllowedBlockingCalls implements BlockHoundIntegration {
    private static final String CIRCUIT_BREAKER =
            "io.github.resilience4j.circuitbreaker.internal.CircuitBreakerStateMachine";

    private static final String CLUSTER_CONNECTIONS = "io.lettuce.core.cluster.PooledClusterConnectionProvider";

    private static final String BOUNDED_QUEUE = "java.util.concurrent.ArrayBlockingQueue";

    @Override
    public void applyTo(BlockHound.Builder builder) {
        // /dev/urandom is a file to BlockHound; it never makes its reader wait
        builder.allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully")
                // Lettuce guards its queue with a lock that is held for a few instructions
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "doExclusive")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "incrementWriters")
                .allowBlockingCallsInside("io.lettuce.core.protocol.SharedLock", "decrementWriters")
                // and the queues that are bounded have one of their own: a request whose thread met it was answered
                // with 500
                .allowBlockingCallsInside(BOUNDED_QUEUE, "size")
                .allowBlockingCallsInside(BOUNDED_QUEUE, "peek")
                .allowBlockingCallsInside(BOUNDED_QUEUE, "poll")
                .allowBlockingCallsInside(BOUNDED_QUEUE, "offer")
                // a Cluster's connections too, of which it keeps one a slot
                .allowBlockingCallsInside(CLUSTER_CONNECTIONS, "getWriteConnection")
                .allowBlockingCallsInside(CLUSTER_CONNECTIONS, "lambda$getWriteConnection$1")
                // so does Resilience4j its window of results and its list of events, and its state
                .allowBlockingCallsInside(CIRCUIT_BREAKER, "tryAcquirePermission")
                .allowBlockingCallsInside(CIRCUIT_BREAKER, "onError")
                .allowBlockingCallsInside(CIRCUIT_BREAKER, "onSuccess")
                .allowBlockingCallsInside(CIRCUIT_BREAKER, "onResult")
                .allowBlockingCallsInside(CIRCUIT_BREAKER, "releasePermission")
                .allowBlockingCallsInside(
                        "io.github.resilience4j.core.metrics.FixedSizeSlidingWindowMetrics", "getSnapshot")
                // OpenTelemetry wakes its own thread up by a queue of one, whose lock is held for a few instructions
                .allowBlockingCallsInside("io.opentelemetry.sdk.trace.export.BatchSpanProcessor$Worker", "addSpan");
    }
}
