package io.portcullis.redis;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;

/**
 * The replicas of the gateway, each of which tells the others through Redis that it is there. One that is cut off may have
 * rotated for a client that it could not answer, and cannot tell: that client comes to another replica, where nobody can tell it
 * from a thief. So a use of a token's parent is not judged as long as the replica that exchanged it is not heard of, or says
 * itself that it has rotations to settle. One that is not heard of for long has died, and what it rotated last is undelivered.
 */
public final class Replicas {
    private static final Script SIGN_OF_LIFE = Script.load(ReturnType.MULTI, "sign_of_life");

    private static final long GONE_AFTER = Duration.ofSeconds(10).toMillis();
    /** Marks follow rotations so soon, and the clocks of a Cluster's servers differ by less. */
    private static final long BEFORE = Duration.ofSeconds(1).toMillis();
    /** So long after its last sign a replica that is cut off has had nothing carried out any more. */
    private static final long AFTER = Duration.ofSeconds(3).toMillis();

    /** As Redis does. */
    private static final long REMEMBERED = Duration.ofMinutes(10).toMillis();

    private static final int NAME_BITS = 24;
    private static final long UNKNOWN = 0;
    private static final long LEFT = -1;

    /**
     * What a replica said last, by Redis' clock, ms.
     *
     * @param settled until when its rotations are settled, or {@link #UNKNOWN}, or {@link #LEFT}
     */
    private record Sign(String name, long at, long settled) {
        static Sign of(String said) {
            String[] words = said.split(" ");
            return new Sign(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]));
        }
    }

    /**
     * What was read last.
     *
     * @param redisMillis when, by Redis' clock
     * @param sinceMillis since when Redis has answered every time, by its clock
     * @param nanos when, by {@link System#nanoTime()}
     */
    private record Read(Map<String, Sign> signs, long redisMillis, long sinceMillis, long nanos) {
        long millisNow() {
            return redisMillis + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
        }
    }

    private final ScriptRunner scripts;
    private final String key;
    private final Unsettled unsettled;
    private final Duration answersWithin;
    private final long silentAfter;
    private final String name;
    private final ServerTime time = new ServerTime();
    private volatile @Nullable Read read;

    /**
     * Knows nobody before the first {@link #exchange}.
     *
     * @param unsettled what this replica has to settle
     * @param answersWithin how long Redis has to answer
     * @param budget after which a replica that has no answer from Redis tells its client so
     */
    public Replicas(
            ScriptRunner scripts, String keyPrefix, Unsettled unsettled, Duration answersWithin, Duration budget) {
        this.scripts = scripts;
        this.key = new RedisKeys(keyPrefix).replicas();
        this.unsettled = unsettled;
        this.answersWithin = answersWithin;
        // before its client can be elsewhere
        this.silentAfter = budget.dividedBy(2).toMillis();
        byte[] bits = new byte[NAME_BITS / Byte.SIZE];
        new SecureRandom().nextBytes(bits);
        this.name = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /** This one's: 4 characters of base64url, which the ids of its attempts begin with in Redis. */
    String name() {
        return name;
    }

    /** Gives a sign of life and reads the others'; completes without where Redis does not answer. */
    public Mono<Void> exchange() {
        return Mono.defer(() -> say(time.millisAt(unsettled.settledUntil())));
    }

    /** Gives the last sign: that nobody has to wait for another one, unless there is something left to settle. */
    public Mono<Void> leave() {
        return Mono.defer(() -> unsettled.isEmpty() ? say(LEFT) : Mono.empty());
    }

    private Mono<Void> say(long settled) {
        return scripts.run(SIGN_OF_LIFE, List.of(key), List.of(name, Long.toString(settled)))
                .timeout(answersWithin)
                .doOnNext(answer -> take((List<?>) answer))
                .onErrorComplete(e -> e instanceof DataAccessException || e instanceof TimeoutException)
                .then();
    }

    private void take(List<?> answer) {
        long now = (Long) answer.get(0);
        time.seen(now);
        Read before = read;
        Map<String, Sign> signs = new HashMap<>();
        if (before != null) {
            // a server that took over may have lost the last signs
            before.signs().values().stream()
                    .filter(sign -> now - sign.at() < REMEMBERED)
                    .forEach(sign -> signs.put(sign.name(), sign));
        }
        for (Object said : answer.subList(1, answer.size())) {
            Sign sign = Sign.of((String) said);
            if (!sign.name().equals(name)) {
                signs.merge(sign.name(), sign, (known, heard) -> heard.at() >= known.at() ? heard : known);
            }
        }
        long since = before != null && now - before.redisMillis() <= silentAfter ? before.sinceMillis() : now;
        read = new Read(Map.copyOf(signs), now, since, System.nanoTime());
    }

    /**
     * Whose rotations are not to be judged now, as {@code rotate_session.lua} takes it: of each replica its name, from when and
     * until when, ms by Redis' clock, and {@code silent} or {@code gone}; the name {@code *} is all others. Mostly empty.
     */
    String doubts() {
        Read last = read;
        if (last == null) {
            return "";
        }
        long now = last.millisNow();
        StringBuilder doubts = new StringBuilder();
        for (Sign sign : last.signs().values()) {
            boolean isSilent = now - sign.at() > silentAfter;
            if (sign.settled() != LEFT && (isSilent || sign.at() - sign.settled() > silentAfter)) {
                // it had the time to be heard
                boolean isGone = last.redisMillis() - Math.max(sign.at(), last.sinceMillis()) > GONE_AFTER;
                append(doubts, sign.name(), sign.settled(), isSilent ? sign.at() : now, isGone ? "gone" : "silent");
            }
        }
        if (now - last.redisMillis() > silentAfter) {
            append(doubts, "*", last.redisMillis(), now, "silent");
        }
        return doubts.toString();
    }

    private static void append(StringBuilder doubts, String name, long settled, long lastSign, String word) {
        doubts.append(doubts.isEmpty() ? "" : " ")
                .append(name)
                .append(' ')
                .append(Math.max(0, settled - BEFORE))
                .append(' ')
                .append(lastSign + AFTER)
                .append(' ')
                .append(word);
    }
}
