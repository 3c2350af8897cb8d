package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.portcullis.FaultyProxy;
import io.portcullis.operations.Outbox;
import io.portcullis.operations.Outboxes;
import io.portcullis.operations.SessionEvents;
import io.portcullis.operations.SessionMetrics;
import io.portcullis.session.AttemptId;
import io.portcullis.session.EndedSessions;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.Revocation;
import io.portcullis.session.RevocationReason;
import io.portcullis.session.SessionStore;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** A revocation that Redis carried out is told and announced once, also if its reply was lost and it was sent again. */
class RevocationAttemptsIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final RealmPolicy STRICT = Policies.strict();
    private static final String STREAM = new RedisKeys(RedisClients.KEY_PREFIX).revocations();

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Queue<String> sent = new ConcurrentLinkedQueue<>();
    private RedisServer redis;
    private FaultyProxy link;
    private RedisClients clients;
    private SessionStore store;
    private SessionEvents events;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        link = FaultyProxy.before(redis.port());
        clients = new RedisClients(link.port(), 1).connected();
        store = new ResilientSessionStore(
                clients.store(0),
                CircuitBreaker.ofDefaults("store"),
                new KeptCalls(10, Duration.ofMinutes(10)),
                new Unsettled(),
                SOON,
                Duration.ofSeconds(5),
                InstantSource.system());
        Outbox outbox = Outbox.toStream(100, event -> Mono.fromRunnable(() -> sent.add(event)), registry);
        events = new SessionEvents(
                new SessionMetrics(registry, Set.of("app")), new Outboxes(List.of(outbox)), InstantSource.system());
        // so that the scripts are known, and what is cut off next is the reply of one that was run
        LiveSession another = LiveSession.of("eve", store);
        another.open(STRICT);
        another.revoke();
        another.sibling().open(STRICT);
        another.revokeAll(STRICT);
        redis.command("DEL", STREAM);
    }

    @AfterEach
    void end() throws IOException {
        clients.close();
        link.close();
        redis.close();
    }

    private double revoked(RevocationReason reason) {
        return registry.get("portcullis.sessions.revoked")
                .tags("realm", "app", "reason", reason.name().toLowerCase())
                .counter()
                .count();
    }

    private String announced() {
        return redis.command("XLEN", STREAM);
    }

    private void cutTheNextReply(FaultyProxy.End how) {
        link.cutOnceAfter(FaultyProxy.Direction.TO_CLIENT, 0, how);
    }

    @ParameterizedTest
    @EnumSource
    void endOfASessionWhoseReplyWasLostIsToldOnce(FaultyProxy.End how) {
        LiveSession session = LiveSession.of("ada", store);
        session.open(STRICT);
        cutTheNextReply(how);

        Revocation revocation = store.revoke(session.ref(), RevocationReason.LOGOUT, AttemptId.random())
                .doOnNext(answer -> events.ended(session.ref(), answer, RevocationReason.LOGOUT, () -> null))
                .block(SOON);

        assertThat(link.accepted()).isEqualTo(2);
        assertThat(revocation).isEqualTo(Revocation.REVOKED);
        assertThat(revoked(RevocationReason.LOGOUT)).isEqualTo(1);
        await().atMost(SOON).until(() -> !sent.isEmpty());
        assertThat(sent)
                .singleElement()
                .satisfies(event -> assertThat(event)
                        .contains(
                                "\"type\":\"session.ended\"", session.ref().id().value(), "\"outcome\":\"revoked\""));
        assertThat(announced()).isEqualTo("1");
    }

    @ParameterizedTest
    @EnumSource
    void endOfAllSessionsOfASubjectWhoseReplyWasLostIsToldOnceForEach(FaultyProxy.End how) {
        List<LiveSession> sessions = threeOfASubject();
        LiveSession session = sessions.get(0);
        cutTheNextReply(how);

        EndedSessions ended = store.revokeAll(
                        session.subject(), RevocationReason.SUBJECT, STRICT, AttemptId.random(), Duration.ZERO)
                .doOnNext(answer -> events.allEnded(session.subject(), answer, RevocationReason.SUBJECT, () -> null))
                .block(SOON);

        assertThat(link.accepted()).isEqualTo(2);
        assertThat(ended.now()).hasSize(3);
        assertThat(ended.before()).isEmpty();
        assertThat(revoked(RevocationReason.SUBJECT)).isEqualTo(3);
        await().atMost(SOON).until(() -> sent.size() == 4);
        assertThat(sent)
                .filteredOn(event -> event.contains("\"type\":\"subject.ended\""))
                .singleElement()
                .satisfies(event -> assertThat(event).contains("\"sessions\":3"));
        for (LiveSession one : sessions) {
            assertThat(sent)
                    .filteredOn(event -> event.contains("\"type\":\"session.ended\"")
                            && event.contains("\"reason\":\"subject\"")
                            && event.contains(one.ref().id().value()))
                    .hasSize(1);
        }
        assertThat(announced()).isEqualTo("3");
    }

    @Test
    void sessionsThatHadEndedAreNotAnnouncedAgain() {
        LiveSession session = threeOfASubject().get(0);
        session.revokeAll(STRICT);
        session.revokeAll(STRICT);
        assertThat(session.revoke()).isEqualTo(Revocation.ALREADY_REVOKED);
        assertThat(announced()).isEqualTo("3");

        LiveSession another = session.sibling();
        another.open(STRICT);
        another.revoke();
        another.revoke();
        another.revokeAll(STRICT);

        assertThat(announced()).isEqualTo("4");
    }

    @Test
    void sessionsThatHadEndedAreAnnouncedByAReplicaThatDoesNotKnow() {
        LiveSession session = threeOfASubject().get(0);
        session.revokeAll(STRICT);
        // as if whoever ended them had died before announcing it
        redis.command("DEL", STREAM);
        try (RedisClients others = new RedisClients(redis, 1).connected()) {
            LiveSession elsewhere = new LiveSession(others.store(0), session.ref());

            assertThat(elsewhere.revoke()).isEqualTo(Revocation.ALREADY_REVOKED);
            assertThat(announced()).isEqualTo("1");
            assertThat(elsewhere.revokeAll(STRICT).now()).isEmpty();
            assertThat(announced()).isEqualTo("3");
            elsewhere.revokeAll(STRICT);
        }
        assertThat(announced()).isEqualTo("3");
    }

    private List<LiveSession> threeOfASubject() {
        LiveSession session = LiveSession.of("ada", store);
        List<LiveSession> sessions = List.of(session, session.sibling(), session.sibling());
        sessions.forEach(one -> one.open(STRICT));
        return sessions;
    }
}
