package io.portcullis.operations;

import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * The outboxes of all consumers.
 *
 * @param all may be empty
 */
public record Outboxes(List<Outbox> all) {
    public Outboxes {
        all = List.copyOf(all);
    }

    void offer(SessionEvent event) {
        all.forEach(outbox -> outbox.offer(event));
    }

    /** Completes when nothing is left in any; what is left after that time is dropped. */
    public Mono<Void> close(Duration within) {
        return Mono.when(all.stream().map(outbox -> outbox.close(within)).toList());
    }
}
