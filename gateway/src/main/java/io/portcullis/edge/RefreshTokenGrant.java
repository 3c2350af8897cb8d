package io.portcullis.edge;

import io.portcullis.edge.AbandonedAttempts.Presented;
import io.portcullis.edge.Adoption.Ended;
import io.portcullis.edge.Adoption.Rotatable;
import io.portcullis.edge.RefreshOutcome.Issued;
import io.portcullis.edge.RefreshOutcome.Refused;
import io.portcullis.operations.SessionMetrics;
import io.portcullis.session.AttemptId;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.RotationOutcome.Reported;
import io.portcullis.session.RotationOutcome.Reused;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.Successor;
import io.portcullis.token.AdoptionCheck.Adoptable;
import io.portcullis.token.AdoptionCodec;
import io.portcullis.token.BackendToken;
import io.portcullis.token.RefreshToken;
import io.portcullis.token.RefreshTokenCheck;
import io.portcullis.token.RefreshTokenCheck.Rejected;
import io.portcullis.token.RefreshTokenCheck.Verified;
import io.portcullis.token.RefreshTokenCodec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The exchange of a refresh token for new tokens (RFC 6749, 6): verify here, decide in the store, mint here. A token that
 * does not verify never reaches the store.
 */
public final class RefreshTokenGrant {
    private static final Logger log = LoggerFactory.getLogger(RefreshTokenGrant.class);

    private final Realms realms;
    private final RefreshTokenCodec refreshTokens;
    private final SessionStore store;
    private final SessionMetrics metrics;
    private final InstantSource clock;
    private final @Nullable BackendAdoption backends;
    private final AbandonedAttempts abandoned = new AbandonedAttempts();

    /** @param backends null where no realm adopts what it cannot verify */
    public RefreshTokenGrant(
            Realms realms,
            RefreshTokenCodec refreshTokens,
            @Nullable BackendAdoption backends,
            SessionStore store,
            SessionMetrics metrics,
            InstantSource clock) {
        this.realms = realms;
        this.refreshTokens = refreshTokens;
        this.backends = backends;
        this.store = store;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** The decision errors only with {@link StoreUnavailableException}. */
    RefreshExchange exchange(String presented, ClientRequest request) {
        long start = System.nanoTime();
        RefreshTokenCheck check = refreshTokens.verify(presented);
        if (check instanceof Verified verified) {
            Realm realm = realms.get(verified.token().session().realm());
            return rotate(new PresentedToken(realm, verified.token(), null), start);
        }
        PresentedToken adoptable = check == Rejected.MALFORMED ? adoptable(presented) : null;
        if (adoptable != null) {
            return rotate(adoptable, start);
        }
        BackendToken unknown = check == Rejected.MALFORMED && backends != null ? backends.read(presented) : null;
        if (backends != null && unknown != null) {
            return ask(backends, unknown, request, start);
        }
        count(SessionMetrics.NO_REALM, check.toString().toLowerCase(Locale.ROOT), start);
        return RefreshExchange.decided(new Refused());
    }

    private RefreshExchange ask(BackendAdoption backends, BackendToken token, ClientRequest request, long start) {
        Presented presented = Presented.of(token);
        AttemptId attempt = abandoned.continueOrBegin(presented);
        Mono<RefreshOutcome> decision = backends.adopt(token, request)
                .doOnError(StoreUnavailableException.class, e -> {
                    abandoned.notAnswered(presented);
                    count(SessionMetrics.NO_REALM, "unavailable", start);
                })
                .flatMap(adoption -> {
                    if (adoption instanceof Ended ended) {
                        abandoned.notAnswered(presented);
                        count(SessionMetrics.NO_REALM, ended.word(), start);
                        return Mono.just(ended.outcome());
                    }
                    return decide(((Rotatable) adoption).token(), presented, attempt, start);
                });
        return RefreshExchange.beginLong(decision, () -> abandoned.abandon(presented, attempt));
    }

    /** The token as one of a backend that a realm adopts; null if no realm does. */
    private @Nullable PresentedToken adoptable(String presented) {
        for (Realm realm : realms.all()) {
            AdoptionCodec adoption = realm.adoption();
            if (adoption != null && adoption.verify(presented) instanceof Adoptable token) {
                Instant now = clock.instant();
                Instant until = token.expiresAt();
                if (until == null) {
                    until = now.plus(realm.policy().absoluteLifetime());
                }
                SessionRef session = new SessionRef(realm.name(), token.subject(), token.session());
                return new PresentedToken(realm, new RefreshToken(session, 0, now, until, now, token.access()), until);
            }
        }
        return null;
    }

    private RefreshExchange rotate(PresentedToken presented, long start) {
        Presented token = Presented.of(presented.token());
        AttemptId attempt = abandoned.continueOrBegin(token);
        return RefreshExchange.begin(decide(presented, token, attempt, start), () -> abandoned.abandon(token, attempt));
    }

    /** @param key by which its attempts are known */
    private Mono<RefreshOutcome> decide(PresentedToken presented, Presented key, AttemptId attempt, long start) {
        Realm realm = presented.realm();
        RefreshToken token = presented.token();
        Rotation rotation =
                new Rotation(token.session(), token.generation(), attempt, realm.policy(), presented.adoptUntil());
        return store.rotate(rotation)
                .doOnError(StoreUnavailableException.class, e -> {
                    abandoned.abandon(key, attempt);
                    count(realm.name(), "unavailable", start);
                })
                .map(outcome -> {
                    abandoned.answered(key);
                    count(realm.name(), word(outcome), start);
                    tell(token, outcome);
                    return outcome instanceof Granted granted
                            ? issue(presented, attempt, granted.successor())
                            : new Refused();
                });
    }

    private RefreshOutcome issue(PresentedToken presented, AttemptId attempt, Successor successor) {
        Realm realm = presented.realm();
        RefreshToken token = presented.token();
        RefreshToken next = new RefreshToken(
                token.session(),
                successor.generation(),
                successor.issuedAt(),
                successor.expiresAt(),
                presented.isAdopted() ? successor.issuedAt() : token.authTime(),
                token.access());
        Duration lifetime = realm.policy().accessTokenLifetime();
        String accessToken = realm.accessTokens()
                .mint(token.access(), token.session().id(), accessIssuedAt(realm, successor), lifetime);
        return new Issued(
                token.session(),
                attempt,
                successor.generation(),
                accessToken,
                refreshTokens.mint(next),
                lifetime.toSeconds());
    }

    /** The rotation's own time, so that a repeated answer is the same answer; now, where it is repeated much later. */
    private Instant accessIssuedAt(Realm realm, Successor successor) {
        Instant now = clock.instant();
        Duration age = Duration.between(successor.issuedAt(), now);
        Duration tenthOfItsLife = realm.policy().accessTokenLifetime().dividedBy(10);
        return age.compareTo(tenthOfItsLife) > 0 ? now : successor.issuedAt();
    }

    private void count(String realm, String outcome, long start) {
        metrics.refreshed(realm, outcome, Duration.ofNanos(System.nanoTime() - start));
    }

    private static String word(RotationOutcome outcome) {
        if (outcome instanceof Rotated rotated) {
            return switch (rotated.cause()) {
                case FIRST_USE -> "rotated";
                case REPEATED_ATTEMPT -> "repeated";
                case UNDELIVERED -> "redelivered";
                case HEALED -> "healed";
                case ADOPTED -> "adopted";
            };
        }
        return outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static void tell(RefreshToken token, RotationOutcome outcome) {
        if (outcome instanceof Reused reused) {
            log.warn(
                    "Refresh token reused, session revoked: session {}, presented generation {}, current {} of {}",
                    token.session(),
                    reused.presented(),
                    reused.current(),
                    reused.rotatedAt());
        } else if (outcome instanceof Reported reported) {
            log.warn(
                    "Refresh token reused, reported only: session {}, presented generation {}, current {}",
                    token.session(),
                    reported.presented(),
                    reported.successor().generation());
        } else if (outcome instanceof Rotated rotated) {
            switch (rotated.cause()) {
                case HEALED ->
                    log.warn(
                            "Session healed, the store had lost its newest rotations: session {}, presented {}",
                            token.session(),
                            token.generation());
                case FIRST_USE, REPEATED_ATTEMPT, UNDELIVERED, ADOPTED ->
                    log.debug("Refresh token rotated: session {}, {}", token.session(), rotated.cause());
            }
        }
    }
}
