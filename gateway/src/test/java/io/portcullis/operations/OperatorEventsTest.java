package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.portcullis.operations.OperatorEvents.Call;
import io.portcullis.session.Revocation;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionState;
import io.portcullis.session.SubjectHash;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What operators do, where nothing else is to be asked. */
class OperatorEventsTest {
    private static final Outboxes NOBODY = new Outboxes(List.of());

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final OperatorEvents events = new OperatorEvents(
            new SessionEvents(new SessionMetrics(registry, Set.of("app")), NOBODY, InstantSource.system()),
            NOBODY,
            InstantSource.system());
    private final Operator ada = new Operator("ada", InetAddress.getLoopbackAddress());

    @Test
    void sessionOfARealmThatIsGoneEndsWithoutBeingCounted() {
        Instant now = Instant.now();
        SessionState session = new SessionState(
                SessionId.random("gone", "eve"), "gone", SubjectHash.of("gone", "eve"), 0, now, now, now, null, now);
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {
            events.ended(ada, session, Revocation.REVOKED);

            assertThat(log.lines())
                    .singleElement()
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .asString()
                    .startsWith("Session ended: realm=gone")
                    .endsWith("reason=admin operator=ada outcome=revoked client=127.0.0.1");
            assertThat(registry.getMeters())
                    .noneMatch(meter -> "gone".equals(meter.getId().getTag("realm")));
        }
    }

    @Test
    void callThatMeetsABugIsToldAsAnError() {
        try (CapturedLog log = CapturedLog.of("portcullis.events", Level.INFO)) {
            events.failed(ada, new Call("show"));

            assertThat(log.lines()).singleElement().satisfies(line -> {
                assertThat(line.getLevel()).isEqualTo(Level.ERROR);
                assertThat(line.getFormattedMessage())
                        .isEqualTo("Operator called, and it failed: realm=none operator=ada call=show status=500"
                                + " client=127.0.0.1");
            });
        }
    }
}
