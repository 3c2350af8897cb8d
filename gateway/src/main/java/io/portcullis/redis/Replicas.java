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
 * The replicas of the gateway, each of which tells the others through Redis that it is there, and until when it has settled
 * its rotations. One that is cut off may have rotated for a client that it could not answer, and cannot say so: that client
 * comes to another replica, where nobody can tell it from a thief. So a use of a token's parent is judged once the replica that
 * exchanged it has settled that. One that is not heard of for long has died, and what it rotated last is undelivered.
 */
public final class Replicas {
    private static final Script SIGN_OF_LIFE = Script.load(ReturnType.MULTI, "sign_of_life");

    private static final long GONE_AFTER = Duration.ofSeconds(10).toMillis();
    /** The clocks of a Cluster's servers differ by less. */
    private static final long CLOCKS_DIFFER = Duration.ofMillis(100).toMillis();
    /** So long after its last sign of life nothing is carried out any more for one that has died. */
    private static final long ON_THE_WAY = Duration.ofSeconds(3).toMillis();
    /** Signs follow each other sooner. */
    private static final long READ_WITHIN = Duration.ofSeconds(2).toMillis();
    /** As Redis does. */
    private static final long REMEMBERED = Duration.ofMinutes(10).toMillis();

    private static final int NAME_BITS = 24;
    private static final long LEFT = -1;

    /** What is known of a rotation of some replica. */
    enum Known {
        /** Its client has had the answer, or it is noted that it has not. */
        SETTLED,
        /** Nobody can say. */
        UNSETTLED,
        /** Nobody will say: that replica died. */
        GONE
    }

    /**
     * What a replica said last, by Redis' clock, ms.
     *
     * @param settled until when its rotations are settled; 0 is not known, {@link #LEFT} that nothing is left to settle
     */
    private record Sign(String name, long at, long settled) {
        static Sign of(String said) {
            String[] words = said.split(" ", -1);
            return new Sign(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]));
        }
    }

    /**
     * What was read last.
     *
     * @param at when, by Redis' clock, ms
     * @param since since when Redis has answered every time
     * @param nanos when, by {@link System#nanoTime()}
     */
    private record Read(Map<String, Sign> signs, long at, long since, long nanos) {}

    private final ScriptRunner scripts;
    private final String key;
    private final Unsettled unsettled;
    private final Duration answersWithin;
    private final String name;
    private final ServerTime time = new ServerTime();
    private volatile @Nullable Read read;

    /**
     * Knows nobody before the first {@link #exchange}.
     *
     * @param unsettled what this replica has to settle
     * @param answersWithin how long Redis has to answer
     */
    public Replicas(ScriptRunner scripts, String keyPrefix, Unsettled unsettled, Duration answersWithin) {
        this.scripts = scripts;
        this.key = new RedisKeys(keyPrefix).replicas();
        this.unsettled = unsettled;
        this.answersWithin = answersWithin;
        byte[] bits = new byte[NAME_BITS / Byte.SIZE];
        new SecureRandom().nextBytes(bits);
        this.name = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /** This one's: 4 characters of base64url. */
    String name() {
        return name;
    }

    /** Gives a sign of life and reads the others'; completes without where Redis does not answer. */
    public Mono<Void> exchange() {
        return Mono.defer(() -> say(time.millisAt(unsettled.settledUntil())));
    }

    /** Gives the last sign, that nothing has to be waited for; none where something is left to settle. */
    public Mono<Void> leave() {
        return Mono.defer(() -> unsettled.isEmpty() ? say(LEFT) : Mono.empty());
    }

    private Mono<Void> say(long settled) {
        return scripts.runUnwatched(SIGN_OF_LIFE, List.of(key), List.of(name, Long.toString(settled)))
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
        // where the clock was set back, or another server's is behind, what was read before would be of a later time
        if (before != null && before.at() <= now) {
            // a server that took over may have lost the last signs
            before.signs().values().stream()
                    .filter(sign -> now - sign.at() < REMEMBERED)
                    .forEach(sign -> signs.put(sign.name(), sign));
        }
        for (Object said : answer.subList(1, answer.size())) {
            Sign sign = Sign.of((String) said);
            signs.merge(sign.name(), sign, (known, heard) -> heard.at() >= known.at() ? heard : known);
        }
        long since = before == null || Math.abs(now - before.at()) > READ_WITHIN ? now : before.since();
        read = new Read(Map.copyOf(signs), now, since, System.nanoTime());
    }

    /** How many gave a sign of life in the last 10 s, with this one; 0 if nothing could be read for so long. */
    public long alive() {
        Read last = read;
        if (last == null || System.nanoTime() - last.nanos() > TimeUnit.MILLISECONDS.toNanos(GONE_AFTER)) {
            return 0;
        }
        return last.signs().values().stream()
                .filter(sign -> sign.settled() != LEFT && last.at() - sign.at() <= GONE_AFTER)
                .count();
    }

    /**
     * What is known of a rotation.
     *
     * @param by the replica
     * @param at when, by Redis' clock, ms
     */
    Known about(String by, long at) {
        Read last = read;
        if (last == null) {
            return Known.UNSETTLED;
        }
        Sign sign = last.signs().get(by);
        // it had the time to be heard
        boolean isSilent = last.at() - Math.max(sign == null ? at : sign.at(), last.since()) > GONE_AFTER;
        if (sign == null) {
            // Redis has lost it, or has forgotten it because it is too long ago
            return isSilent ? Known.SETTLED : Known.UNSETTLED;
        }
        if (sign.settled() == LEFT || at + CLOCKS_DIFFER <= sign.settled()) {
            return Known.SETTLED;
        }
        if (isSilent) {
            return at <= sign.at() + ON_THE_WAY ? Known.GONE : Known.SETTLED;
        }
        return Known.UNSETTLED;
    }
}
