package io.portcullis.edge;

import io.portcullis.edge.AbandonedAttempts.Abandoned;
import io.portcullis.edge.AbandonedAttempts.Begun;
import io.portcullis.edge.AbandonedAttempts.Presented;
import io.portcullis.edge.Adoption.Ended;
import io.portcullis.edge.Adoption.Rotatable;
import io.portcullis.edge.RefreshOutcome.Limited;
import io.portcullis.edge.RefreshOutcome.Refused;
import io.portcullis.limit.Admission.TooMany;
import io.portcullis.operations.RefreshResult;
import io.portcullis.operations.SessionEvents;
import io.portcullis.session.AdoptedToken;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Granted;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.Waiting;
import io.portcullis.token.AdoptionCheck.Adoptable;
import io.portcullis.token.AdoptionCodec;
import io.portcullis.token.BackendToken;
import io.portcullis.token.ClaimSeal;
import io.portcullis.token.RefreshToken;
import io.portcullis.token.RefreshTokenCheck;
import io.portcullis.token.RefreshTokenCheck.Rejected;
import io.portcullis.token.RefreshTokenCheck.Verified;
import io.portcullis.token.RefreshTokenCodec;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * The exchange of a refresh token for new tokens (RFC 6749, 6): verify here, decide in the store, mint here. A token that
 * does not verify never reaches the store.
 */
public final class RefreshTokenGrant {
    private final Realms realms;
    private final RefreshTokenCodec refreshTokens;
    private final SuccessorTokens tokens;
    private final RefreshLimits limits;
    private final SessionStore store;
    private final SessionEvents events;
    private final InstantSource clock;
    private final @Nullable BackendTokens backends;
    private final @Nullable Instant recoverBefore;
    private final AbandonedAttempts abandoned = new AbandonedAttempts();

    /** A complete request: when it was there, and whose. */
    private record Asked(long at, Supplier<@Nullable InetAddress> client, ContextView context) {
        Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - at);
        }
    }

    /**
     * The grant of all realms.
     *
     * @param backends null where what cannot be verified here is refused
     * @param recoverBefore sessions that the store has lost are opened again for tokens issued before; null for none
     */
    public RefreshTokenGrant(
            Realms realms,
            RefreshTokenCodec refreshTokens,
            ClaimSeal seal,
            @Nullable BackendTokens backends,
            RefreshLimits limits,
            SessionStore store,
            SessionEvents events,
            @Nullable Instant recoverBefore,
            InstantSource clock) {
        this.realms = realms;
        this.refreshTokens = refreshTokens;
        this.tokens = new SuccessorTokens(refreshTokens, seal, events, clock);
        this.backends = backends;
        this.limits = limits;
        this.store = store;
        this.events = events;
        this.recoverBefore = recoverBefore;
        this.clock = clock;
    }

    /** Whether there are tokens that only the backends can judge. */
    public boolean asksBackends() {
        return backends != null;
    }

    /**
     * The decision errors only with {@link StoreUnavailableException}.
     *
     * @param request for the backends; null where the way that it has come is none to them
     * @param client whom to name, should the operator be told
     * @param context that of whoever waits, for the store
     */
    RefreshExchange exchange(
            String presented,
            @Nullable ClientRequest request,
            Supplier<@Nullable InetAddress> client,
            ContextView context) {
        Asked asked = new Asked(System.nanoTime(), client, context);
        RefreshTokenCheck check = refreshTokens.verify(presented);
        if (check instanceof Verified verified) {
            Realm realm = realms.get(verified.token().session().realm());
            return rotate(new PresentedToken(realm, verified.token(), null), asked);
        }
        PresentedToken adoptable = check == Rejected.MALFORMED ? adoptable(presented) : null;
        if (adoptable != null) {
            return rotate(adoptable, asked);
        }
        BackendToken unknown = check == Rejected.MALFORMED && backends != null ? backends.read(presented) : null;
        if (backends != null && unknown != null && request != null) {
            return ask(backends, unknown, request, asked);
        }
        events.rejected(result((Rejected) check), asked.elapsed(), client);
        return RefreshExchange.decided(new Refused());
    }

    private static RefreshResult result(Rejected rejected) {
        return switch (rejected) {
            case MALFORMED -> RefreshResult.MALFORMED;
            case FORGED -> RefreshResult.FORGED;
            case EXPIRED -> RefreshResult.EXPIRED;
            case MISMATCHED -> RefreshResult.MISMATCHED;
        };
    }

    private RefreshExchange ask(BackendTokens backends, BackendToken token, ClientRequest request, Asked asked) {
        Presented presented = Presented.of(token);
        if (limits.ofSession(presented.name(), asked.client()) instanceof TooMany tooMany) {
            return RefreshExchange.decided(new Limited(tooMany));
        }
        Begun begun = abandoned.continueOrBegin(presented);
        Mono<RefreshOutcome> decision = backends.adopt(token, request)
                .doOnError(StoreUnavailableException.class, e -> {
                    abandoned.notAnswered(presented);
                    events.rejected(RefreshResult.UNAVAILABLE, asked.elapsed(), asked.client());
                })
                .flatMap(adoption -> {
                    if (adoption instanceof Ended ended) {
                        abandoned.notAnswered(presented);
                        events.rejected(ended.result(), asked.elapsed(), asked.client());
                        return Mono.just(ended.outcome());
                    }
                    return Mono.fromFuture(decide(((Rotatable) adoption).token(), presented, begun, asked), true);
                });
        return RefreshExchange.beginLong(
                decision.contextWrite(asked.context()), () -> abandon(presented, begun), begun.waiting());
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
                return new PresentedToken(
                        realm,
                        new RefreshToken(session, 0, now, until, now, token.access()),
                        new AdoptedToken(until, token.issuedAt()));
            }
        }
        return null;
    }

    private RefreshExchange rotate(PresentedToken presented, Asked asked) {
        Presented token = Presented.of(presented.token());
        if (limits.ofSession(token.name(), asked.client()) instanceof TooMany tooMany) {
            return RefreshExchange.decided(new Limited(tooMany));
        }
        Begun begun = abandoned.continueOrBegin(token);
        return RefreshExchange.begun(
                decide(presented, token, begun, asked), () -> abandon(token, begun), begun.waiting());
    }

    private Abandoned abandon(Presented token, Begun begun) {
        begun.waiting().end();
        return abandoned.abandon(token, begun);
    }

    /**
     * Begins at once, and is finished whoever waits for it.
     *
     * @param key by which its attempts are known
     */
    private CompletableFuture<RefreshOutcome> decide(
            PresentedToken presented, Presented key, Begun begun, Asked asked) {
        Waiting waiting = begun.waiting();
        RefreshToken token = presented.token();
        Rotation rotation = new Rotation(
                token.session(),
                token.generation(),
                begun.attempt(),
                presented.realm().policy(),
                presented.adopted(),
                presented.lost(recoverBefore));
        return store.rotate(rotation)
                .contextWrite(context -> context.putAll(asked.context()).put(Waiting.class, waiting))
                .toFuture()
                .handle((outcome, e) -> {
                    try {
                        if (e instanceof StoreUnavailableException) {
                            undecided(token, key, begun, asked);
                        }
                        if (e != null) {
                            throw new CompletionException(e);
                        }
                        return decided(outcome, presented, key, begun, asked);
                    } catch (RuntimeException | Error failure) {
                        if (!(e instanceof StoreUnavailableException)) {
                            waiting.settled();
                        }
                        throw failure;
                    }
                });
    }

    private void undecided(RefreshToken token, Presented key, Begun begun, Asked asked) {
        // else it was when its client went, who may have come back for it and gone on
        if (!begun.waiting().isOver()) {
            abandoned.abandon(key, begun);
        }
        events.undecided(token.session(), token.generation(), asked.elapsed(), asked.client());
    }

    private RefreshOutcome decided(
            RotationOutcome outcome, PresentedToken presented, Presented key, Begun begun, Asked asked) {
        // whose client has gone may come back before its mark is noted, and continues it
        if (!begun.waiting().isOver()) {
            abandoned.answered(key);
        }
        RefreshToken token = presented.token();
        events.decided(token.session(), token.generation(), outcome, asked.elapsed(), asked.client());
        return outcome instanceof Granted granted
                ? tokens.mint(presented, begun.attempt(), granted.successor(), asked.client())
                : new Refused();
    }
}
