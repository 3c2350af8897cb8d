package io.portcullis.redis;

import io.portcullis.session.RevokedSessions;
import io.portcullis.session.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

/**
 * Follows the announcements of revoked sessions: one thread and one connection of its own, on which Redis holds a read back
 * until there is something to tell. A connection that was lost is replaced, and then all that Redis has is read again: what
 * was missed is in it, whichever server answers now. So it is where the connection came back by itself between two reads, or
 * leads to another server, and the stream there is not the one that was read. A read that Redis does not answer when it said
 * it would is a lost connection.
 */
public final class RevocationTail {
    private static final Logger log = LoggerFactory.getLogger(RevocationTail.class);
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(5);
    private static final Duration AT_ONCE = Duration.ofMillis(1);
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final ReactiveRedisConnectionFactory connections;
    private final ByteBuffer key;
    private final RevokedSessions revoked;
    private final RevocationStream stream;
    private final int bound;
    private final TakenAnnouncements taken;
    private final Duration hold;
    private final Consumer<Duration> lag;
    private final InstantSource clock;
    private final RedisClock redisClock;
    private final UntoldRevocations untold;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "revocations");
    private volatile long heardNanos;

    // from here on: of the thread alone
    private EntryId last = EntryId.NONE;
    private EntryId furthest = EntryId.NONE;
    private boolean following;
    private boolean toldOfLoss;
    private Instant lostAt = Instant.EPOCH;

    /**
     * The reading side; nothing happens before {@link #start}.
     *
     * @param commandTimeout after which the connections give a command up
     * @param bound how many announcements are kept
     * @param lag told how long each announcement was under way, by Redis' clock
     */
    public RevocationTail(
            ReactiveRedisConnectionFactory connections,
            Duration commandTimeout,
            String keyPrefix,
            RevokedSessions revoked,
            RevocationStream stream,
            int bound,
            Consumer<Duration> lag,
            InstantSource clock) {
        this.connections = connections;
        this.key = StandardCharsets.UTF_8.encode(new RedisKeys(keyPrefix).revocations());
        this.revoked = revoked;
        this.stream = stream;
        this.bound = bound;
        Duration half = commandTimeout.dividedBy(2);
        this.hold = half.compareTo(LONGEST_HOLD) < 0 ? half : LONGEST_HOLD;
        this.lag = lag;
        this.clock = clock;
        this.redisClock = new RedisClock(clock, ANSWERS_WITHIN);
        this.untold = new UntoldRevocations(revoked, stream, clock);
        this.taken = new TakenAnnouncements(revoked, untold, bound, clock);
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Whether everything that was announced before was read; not if for that time Redis told nothing that is new. */
    public boolean awaitCaughtUp(Duration silence) {
        heard();
        try {
            long left = silence.toNanos();
            while (left >= 0 && !caughtUp.await(left, TimeUnit.NANOSECONDS)) {
                left = heardNanos + silence.toNanos() - System.nanoTime();
            }
            return caughtUp.getCount() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends the thread; it is not waited for. */
    public void stop() {
        stopped.countDown();
        thread.interrupt();
    }

    private void heard() {
        heardNanos = System.nanoTime();
    }

    private void run() {
        while (stopped.getCount() > 0) {
            try {
                follow();
            } catch (Throwable e) {
                // an Error too, as long as this replica serves: out of memory, a JVM that is to end has ended before
                lost(e);
            }
        }
    }

    private void follow() {
        String master = stream.master();
        ReactiveRedisConnection connection = connections.getReactiveConnection();
        try {
            while (isOf(master)) {
                AnnouncementReader reader = new AnnouncementReader(connection.streamCommands(), key, ANSWERS_WITHIN);
                readAll(reader);
                redisClock.compare(connection.serverCommands());
                readOn(reader, connection, master);
            }
        } finally {
            connection.closeLater().onErrorComplete().block(ANSWERS_WITHIN);
        }
    }

    /** Whether to read on from that server. */
    private boolean isOf(String master) {
        return stopped.getCount() > 0 && stream.master().equals(master);
    }

    /** Reads from the first entry that Redis has: the ids of another server may be behind those that we have seen. */
    private void readAll(AnnouncementReader reader) {
        untold.begin();
        StreamEntry first = null;
        long count = 0;
        List<StreamEntry> entries;
        do {
            entries = reader.read(AT_ONCE);
            for (StreamEntry entry : entries) {
                first = first == null ? entry : first;
                count++;
                take(entry);
            }
            if (reader.last().isAfter(furthest)) {
                furthest = reader.last();
                heard();
            }
        } while (entries.size() == AnnouncementReader.ENTRIES_AT_ONCE);
        if (first != null && count >= bound) {
            taken.checkForMissed(first, last);
        }
        untold.announceAgain(ANSWERS_WITHIN, () -> takeAll(reader));
        last = reader.last();
        if (!following) {
            following = true;
            toldOfLoss = false;
            log.info("Following revocations, {} sessions are known", revoked.size());
        }
        upToDate();
    }

    private void takeAll(AnnouncementReader reader) {
        List<StreamEntry> entries;
        do {
            entries = reader.read(AT_ONCE);
            entries.forEach(this::take);
        } while (entries.size() == AnnouncementReader.ENTRIES_AT_ONCE);
    }

    /** Reads what is announced, until the stream turns out to be another. */
    private void readOn(AnnouncementReader reader, ReactiveRedisConnection connection, String master) {
        while (isOf(master)) {
            List<StreamEntry> entries = reader.read(hold);
            entries.forEach(this::take);
            if (!reader.isOnTrack()) {
                log.info("Redis has not all revocations that were read: those that it has are read again");
                return;
            }
            last = reader.last();
            if (entries.isEmpty()) {
                redisClock.compare(connection.serverCommands());
            }
            if (entries.size() < AnnouncementReader.ENTRIES_AT_ONCE) {
                upToDate();
            }
        }
    }

    private void take(StreamEntry entry) {
        taken.take(entry);
        if (caughtUp.getCount() == 0 && entry.id().isAfter(last)) {
            lag.accept(redisClock.ageOf(entry.id()));
        }
    }

    private void upToDate() {
        revoked.removeEnded(clock.instant());
        revoked.complete(clock.instant());
        caughtUp.countDown();
        // what this replica could not announce when it was asked to
        stream.announceWaiting()
                .timeout(ANSWERS_WITHIN)
                .onErrorComplete(e -> e instanceof StoreUnavailableException || e instanceof TimeoutException)
                .block();
    }

    private void lost(Throwable e) {
        try {
            if (stopped.getCount() > 0 && !toldOfLoss) {
                toldOfLoss = true;
                revoked.interrupted();
                if (e instanceof Error) {
                    log.error("Revocations of other replicas cannot be followed", e);
                } else {
                    log.warn(
                            "Revocations of other replicas cannot be followed: {}",
                            NestedExceptionUtils.getMostSpecificCause(e).getMessage());
                }
            }
            following = false;
            Instant now = clock.instant();
            // at once, unless it was lost a moment ago too
            if (now.isBefore(lostAt.plus(LONGEST_HOLD))) {
                stopped.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            }
            lostAt = now;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
