package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The revoked sessions that this replica knows, each until no access token of it can live. Bounded: where there are more,
 * those give way whose tokens end first, since they are missed for the shortest time. Reading takes no lock and no call;
 * while nobody is revoked it is one look at a counter.
 */
public final class RevokedSessions {
    private static final Comparator<Entry> FIRST_TO_END =
            Comparator.comparingLong(Entry::untilMillis).thenComparing(Entry::id);
    private static final long NEVER = Long.MIN_VALUE;

    /** What a {@link RevokedSession} is here: a third of its size. */
    private record Entry(String id, String realm, long untilMillis) {}

    private final int bound;
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();
    private final ConcurrentSkipListSet<Entry> byEnd = new ConcurrentSkipListSet<>(FIRST_TO_END);
    private final LongAdder evicted = new LongAdder();
    private final LongAdder missed = new LongAdder();
    private final LongAdder interruptions = new LongAdder();
    private final LongAdder restored = new LongAdder();
    private volatile long completeAtMillis = NEVER;

    /**
     * None yet.
     *
     * @param bound how many are known at most, positive
     */
    public RevokedSessions(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("a bound is positive");
        }
        this.bound = bound;
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    public long size() {
        return entries.size();
    }

    /** The realm of that session, if it was revoked and access tokens of it may still live; else null. */
    public @Nullable String realmOf(SessionId id, Instant now) {
        Entry entry = entries.get(id.value());
        return entry == null || entry.untilMillis < now.toEpochMilli() ? null : entry.realm;
    }

    /** That session, if it was revoked and access tokens of it may still live; else null. */
    public @Nullable RevokedSession find(SessionId id, Instant now) {
        Entry entry = entries.get(id.value());
        return entry == null || entry.untilMillis < now.toEpochMilli()
                ? null
                : new RevokedSession(id, entry.realm, Instant.ofEpochMilli(entry.untilMillis));
    }

    /** All that were revoked and of which access tokens may still live. */
    public Set<SessionId> ids(Instant now) {
        removeEnded(now);
        return entries.keySet().stream().map(SessionId::new).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Adds a session; of two that are the same the one that ends later stays.
     *
     * @return how many others it displaced that had not ended
     */
    public int add(RevokedSession session, Instant now) {
        removeEnded(now);
        // a handful of names, else one of each a session
        String realm = session.realm().intern();
        Entry added = new Entry(session.id().value(), realm, session.until().toEpochMilli());
        if (added.untilMillis < now.toEpochMilli()) {
            return 0;
        }
        entries.compute(added.id, (id, before) -> {
            if (before != null && before.untilMillis >= added.untilMillis) {
                return before;
            }
            if (before != null) {
                byEnd.remove(before);
            }
            byEnd.add(added);
            return added;
        });
        return evict();
    }

    private int evict() {
        int displaced = 0;
        while (entries.size() > bound) {
            Entry first = byEnd.pollFirst();
            if (first != null && entries.remove(first.id, first)) {
                displaced++;
            }
        }
        evicted.add(displaced);
        return displaced;
    }

    /** Forgets those whose access tokens have all ended. */
    public void removeEnded(Instant now) {
        for (Entry first = firstEnded(now); first != null; first = firstEnded(now)) {
            byEnd.remove(first);
            entries.remove(first.id, first);
        }
    }

    private @Nullable Entry firstEnded(Instant now) {
        // an empty set has no first, and another caller may empty it at any time
        for (Entry first : byEnd) {
            return first.untilMillis < now.toEpochMilli() ? first : null;
        }
        return null;
    }

    /** Notes that every revocation that was announced before {@code now} is known here. */
    public void complete(Instant now) {
        completeAtMillis = now.toEpochMilli();
    }

    /** Whether every revocation is known that was announced longer ago than {@code tolerance}. */
    public boolean isComplete(Instant now, Duration tolerance) {
        long completeAt = completeAtMillis;
        return completeAt != NEVER && now.toEpochMilli() - completeAt <= tolerance.toMillis();
    }

    /** Notes that announcements may have been missed which nobody has any more. */
    public void missed() {
        missed.increment();
    }

    /** Notes that the store had lost that a session was revoked, and was told again. */
    public void restored() {
        restored.increment();
    }

    /** How often the store was told again. */
    public long restorations() {
        return restored.sum();
    }

    /** Notes that announcements are not followed for now. */
    public void interrupted() {
        interruptions.increment();
    }

    /** How often announcements ceased to be followed. */
    public long interruptions() {
        return interruptions.sum();
    }

    /** How many sessions gave way to the bound before they had ended. */
    public long evictions() {
        return evicted.sum();
    }

    /** How often announcements may have been missed for good. */
    public long misses() {
        return missed.sum();
    }
}
