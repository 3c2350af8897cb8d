package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.portcullis.session.AttemptId;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.RealmPolicy;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.TokenHash;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** All that a gateway asks of Redis: every script, every branch of the one that rotates, and the streams. */
final class EveryCall {
    private static final RealmPolicy STRICT = Policies.strict();
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration A_MOMENT = Duration.ofMillis(10);

    private EveryCall() {}

    /** Makes them over the first of the clients of that server. */
    static void of(RedisClients clients, RedisServer redis) {
        scripts(clients, redis);
        streams(clients, redis);
    }

    private static void scripts(RedisClients clients, RedisServer redis) {
        LiveSession session = LiveSession.of("ada@example.org", clients.store(0));
        AttemptId attempt = AttemptId.random();
        RealmPolicy grace = Policies.withGrace(Duration.ofHours(1));
        session.rotate(0, STRICT);
        session.open(STRICT);
        session.open(STRICT);
        session.inAnotherRealm().rotate(0, STRICT);
        session.ofAStranger().rotate(0, STRICT);
        session.changeClaims(Map.of("role", "1", "plan", "null"), STRICT);
        session.rotate(0, attempt, STRICT);
        session.rotate(0, attempt, STRICT);
        session.rotate(0, grace);
        session.markUndelivered(1, attempt);
        session.rotate(0, STRICT);
        session.rotate(4, attempt, STRICT);
        session.markUndelivered(5, attempt);
        assertThat(session.rotate(5, STRICT)).isInstanceOf(Rotated.class);
        assertThat(session.rotate(0, Policies.reporting())).isInstanceOf(Reported.class);
        assertThat(session.rotate(0, STRICT)).isInstanceOf(Reused.class);
        session.rotate(0, STRICT);
        LiveSession adopted = LiveSession.of("ada@example.org", clients.store(0));
        adopted.adopt(attempt, STRICT, Instant.now().plusSeconds(60));
        adopted.rotate(1, Policies.lasting(Duration.ofMillis(1), Duration.ofHours(1)));
        adopted.revoke();
        adopted.revoke();
        TokenHash token = TokenHash.of("a token");
        AttemptId another = AttemptId.random();
        for (AttemptId claimant : List.of(attempt, another)) {
            clients.store(0).claimAdoption(token, claimant, Duration.ofHours(1)).block();
        }
        clients.store(0).giveBackAdoption(token, attempt).block();
        clients.store(0)
                .completeAdoption(token, another, "sealed", Instant.now().plusSeconds(60))
                .block();
        RealmPolicy two = Policies.limited(STRICT, 2);
        for (int i = 0; i < 4; i++) {
            session.sibling().open(two);
        }
        session.sibling().adopt(attempt, two, Instant.now().plusSeconds(60));
        StoredRecords.of(redis, session.listed().get(0).id().value()).remove();
        session.sibling().open(two);
        longAgo(StoredRecords.of(redis, session.listed().get(0).id().value()));
        session.sibling().open(two);
        assertThat(session.listed()).hasSizeGreaterThan(4);
        session.revokeById();
        assertThat(session.revokeAll(STRICT).all()).hasSizeGreaterThan(4);
        session.find();
    }

    /** As if the session had been over for long when another opens. */
    private static void longAgo(StoredRecords record) {
        for (String time : List.of("from", "at", "ends", "own")) {
            record.set(time, "1000");
        }
        record.set("keep", "");
    }

    /** The sign of life, an event, and the revocations: those that there are, and one that comes. */
    private static void streams(RedisClients clients, RedisServer redis) {
        clients.replicas(0, new Unsettled()).exchange().block(SOON);
        clients.events(0).append("{}").block(SOON);
        RevocationTail tail = clients.tail(0);
        tail.start();
        try {
            await().atMost(SOON).until(() -> tail.awaitCaughtUp(A_MOMENT) || isRefused(redis));
            LiveSession session = LiveSession.of("ada@example.org", clients.store(0));
            session.open(STRICT);
            session.revoke();
            // whether the stream is still the same is asked last
            await().atMost(SOON)
                    .until(() -> redis.command("INFO", "commandstats").contains("cmdstat_xrange:") || isRefused(redis));
        } finally {
            tail.stop();
        }
    }

    private static boolean isRefused(RedisServer redis) {
        return !redis.command("ACL", "LOG").isEmpty();
    }
}
