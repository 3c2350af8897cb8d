package io.portcullis;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.portcullis.session.KeptCalls;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

/** The wiring of what is made good once Redis answers again. */
@Configuration(proxyBeanMethods = false)
class KeptCallsConfiguration {
    /** What Redis may not know of rotations and adoptions whose tokens nobody has yet. */
    static final String MARKS = "undeliveredMarks";

    /** Sessions that a backend has ended. */
    static final String ENDINGS = "keptEndings";

    /** About 1 KB each. */
    private static final int KEPT_MAX = 10_000;

    /** For as long as a client that comes back to the same replica continues its attempt. */
    private static final Duration MARKS_KEPT = Duration.ofMinutes(10);

    private static final Duration MARKS_REPEATED_EVERY = Duration.ofMillis(100);

    private static final Duration ENDINGS_KEPT = Duration.ofHours(1);
    private static final Duration ENDINGS_REPEATED_EVERY = Duration.ofSeconds(1);

    @Bean(MARKS)
    KeptCalls undeliveredMarks() {
        return new KeptCalls(KEPT_MAX, MARKS_KEPT);
    }

    /** Their clients may come back through other replicas as soon as Redis answers. */
    @Bean
    Repetition repetitionOfMarks(@Qualifier(MARKS) KeptCalls marks) {
        return repetition("The marking of what is undelivered", MARKS_REPEATED_EVERY, marks);
    }

    @Bean
    MeterBinder metersOfMarks(@Qualifier(MARKS) KeptCalls marks) {
        return meters("portcullis.marks", marks);
    }

    @Bean(ENDINGS)
    KeptCalls keptEndings() {
        return new KeptCalls(KEPT_MAX, ENDINGS_KEPT);
    }

    @Bean
    Repetition repetitionOfEndings(@Qualifier(ENDINGS) KeptCalls endings) {
        return repetition("The ending of sessions", ENDINGS_REPEATED_EVERY, endings);
    }

    @Bean
    MeterBinder metersOfEndings(@Qualifier(ENDINGS) KeptCalls endings) {
        return meters("portcullis.endings", endings);
    }

    private static Repetition repetition(String name, Duration every, KeptCalls calls) {
        return new Repetition(name, every, Mono.defer(() -> calls.repeat(PortcullisConfiguration.CLOCK.instant())));
    }

    /** How many wait, and how many were dropped. */
    private static MeterBinder meters(String name, KeptCalls calls) {
        return registry -> {
            Gauge.builder(name + ".pending", calls, KeptCalls::size).register(registry);
            FunctionCounter.builder(name + ".dropped", calls, KeptCalls::displaced)
                    .tag("reason", "full")
                    .register(registry);
            FunctionCounter.builder(name + ".dropped", calls, KeptCalls::outdated)
                    .tag("reason", "late")
                    .register(registry);
        };
    }
}
