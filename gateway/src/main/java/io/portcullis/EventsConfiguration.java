package io.portcullis;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.PortcullisProperties.EventsProperties;
import io.portcullis.configuration.WebhookProperties;
import io.portcullis.operations.Outbox;
import io.portcullis.operations.Outboxes;
import io.portcullis.operations.SessionEvents;
import io.portcullis.operations.SessionMetrics;
import io.portcullis.redis.EventStream;
import io.portcullis.redis.ScriptRunner;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.core.publisher.Mono;

/** The wiring of what the operator is told: metrics, the log, a stream, a webhook. */
@Configuration(proxyBeanMethods = false)
class EventsConfiguration {
    @Bean
    SessionMetrics sessionMetrics(MeterRegistry registry, PortcullisProperties properties) {
        return new SessionMetrics(registry, properties.realms().keySet());
    }

    @Bean
    Outboxes outboxes(
            ScriptRunner scripts,
            PortcullisProperties properties,
            MeterRegistry registry,
            ReactorResourceFactory connections) {
        EventsProperties events = properties.events();
        List<Outbox> outboxes = new ArrayList<>();
        if (events.streamLength() > 0) {
            EventStream stream = new EventStream(scripts, properties.store().keyPrefix(), events.streamLength());
            outboxes.add(Outbox.toStream(events.queueSize(), stream::append, registry));
        }
        WebhookProperties webhook = properties.webhook();
        URI address = webhook.address();
        if (address != null) {
            outboxes.add(Outbox.toWebhook(
                    address,
                    webhook.key(),
                    webhook.timeout(),
                    webhook.giveUpAfter(),
                    events.queueSize(),
                    webhook.concurrency(),
                    connections.getLoopResources(),
                    PortcullisConfiguration.CLOCK,
                    registry));
        }
        return new Outboxes(outboxes);
    }

    @Bean
    SessionEvents sessionEvents(SessionMetrics metrics, Outboxes outboxes) {
        return new SessionEvents(metrics, outboxes, PortcullisConfiguration.CLOCK);
    }

    /** Lets the events out. */
    @Bean
    ShutdownStep flushOfEvents(Outboxes outboxes, PortcullisProperties properties) {
        Duration timeout = properties.events().flushTimeout();
        return new ShutdownStep(ShutdownStep.AFTER_THE_LAST_REQUEST, Mono.defer(() -> outboxes.close(timeout)));
    }
}
