package io.portcullis.edge;

import io.portcullis.edge.Adoption.Ended;
import io.portcullis.edge.Adoption.Rotatable;
import io.portcullis.edge.BackendAnswer.Exchanged;
import io.portcullis.edge.BackendAnswer.Nothing;
import io.portcullis.edge.BackendAnswer.Refusal;
import io.portcullis.edge.RefreshOutcome.Refused;
import io.portcullis.edge.RefreshOutcome.RefusedByBackend;
import io.portcullis.edge.RefreshOutcome.Undecided;
import io.portcullis.operations.RefreshResult;
import io.portcullis.session.AdoptedToken;
import io.portcullis.session.AdoptionClaim;
import io.portcullis.session.AdoptionClaim.Adopted;
import io.portcullis.session.AdoptionClaim.Busy;
import io.portcullis.session.AttemptId;
import io.portcullis.session.KeptCalls;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import io.portcullis.token.AccessTokenCheck.Verified;
import io.portcullis.token.BackendToken;
import io.portcullis.token.RefreshToken;
import io.portcullis.token.RefreshTokenCheck;
import io.portcullis.token.RefreshTokenCodec;
import io.portcullis.token.RequiredClaims;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Adoption of refresh tokens that only the backends can judge. The token is claimed in the store, the client's request is
 * sent to the backends once, and what they answer is kept there, sealed; from then on the token is one of generation 0 of
 * the session that it names, whoever presents it and wherever. When the backends do not exchange it the claim is given back.
 */
public final class BackendAdoption implements BackendTokens {
    private static final Logger log = LoggerFactory.getLogger(BackendAdoption.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(400);

    private final List<AdoptingRealm> realms;
    private final BackendRefresh backends;
    private final SessionStore store;
    private final RefreshTokenCodec refreshTokens;
    private final Duration clockSkew;
    private final Duration patience;
    private final Duration lease;
    private final KeptCalls unanswered;
    private final InstantSource clock;

    private record AdoptingRealm(Realm realm, RequiredClaims accessTokensSay) {}

    private record Exchange(BackendToken token, AttemptId claimant) {}

    /**
     * An adoption into those realms.
     *
     * @param realms with what their access tokens say: of those that an access token fits, the one that requires most has it
     * @param patience how long a token that somebody else has claimed is waited for
     * @param lease how long a claim is held at most: longer than the backends and the store may take together
     * @param unanswered where completions are kept that the store did not answer: the backends will not say it again
     */
    public BackendAdoption(
            Map<Realm, RequiredClaims> realms,
            BackendRefresh backends,
            SessionStore store,
            RefreshTokenCodec refreshTokens,
            Duration clockSkew,
            Duration patience,
            Duration lease,
            KeptCalls unanswered,
            InstantSource clock) {
        this.realms = realms.entrySet().stream()
                .map(entry -> new AdoptingRealm(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingInt((AdoptingRealm realm) ->
                                realm.accessTokensSay().values().size())
                        .reversed())
                .toList();
        this.backends = backends;
        this.store = store;
        this.refreshTokens = refreshTokens;
        this.clockSkew = clockSkew;
        this.patience = patience;
        this.lease = lease;
        this.unanswered = unanswered;
        this.clock = clock;
    }

    @Override
    public @Nullable BackendToken read(String presented) {
        return BackendToken.read(presented, clock.instant(), clockSkew);
    }

    @Override
    public Mono<Adoption> adopt(BackendToken token, ClientRequest request) {
        Exchange exchange = new Exchange(token, AttemptId.random());
        Mono<BackendAnswer> answer = backends.send(request);
        return claim(exchange, System.nanoTime(), FIRST_PAUSE).flatMap(claim -> {
            if (claim instanceof Adopted adopted) {
                return Mono.just(opened(token, adopted.sealed()));
            }
            return claim instanceof Busy
                    ? Mono.just(new Ended(new Undecided(), RefreshResult.BUSY))
                    : answer.flatMap(said -> said instanceof Exchanged exchanged
                            ? complete(exchange, exchanged.accessToken())
                            : giveBack(exchange, said));
        });
    }

    /** The claim, once nobody else has it; busy if that takes too long. */
    private Mono<AdoptionClaim> claim(Exchange exchange, long start, Duration pause) {
        return store.claimAdoption(exchange.token().hash(), exchange.claimant(), lease)
                .flatMap(claim -> {
                    Duration waited =
                            Duration.ofNanos(System.nanoTime() - start).plus(pause);
                    if (!(claim instanceof Busy) || waited.compareTo(patience) > 0) {
                        return Mono.just(claim);
                    }
                    Duration next = pause.multipliedBy(2);
                    return Mono.delay(pause)
                            .then(claim(exchange, start, next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next));
                });
    }

    private Mono<Adoption> complete(Exchange exchange, String accessToken) {
        BackendToken token = exchange.token();
        PresentedToken adopted = adopted(token, accessToken);
        if (adopted == null) {
            return giveBack(exchange, new Nothing("an access token that no realm's keys and required-claims fit"));
        }
        Instant until = adopted.token().expiresAt();
        String sealed = token.seal(refreshTokens.mint(adopted.token()));
        Mono<Boolean> completion = store.completeAdoption(token.hash(), exchange.claimant(), sealed, until);
        return completion
                .doOnError(StoreUnavailableException.class, e -> {
                    if (!(e instanceof UnreadableRecordException)) {
                        unanswered.keep(token.hash(), completion, clock.instant());
                    }
                })
                .map(kept -> {
                    if (!kept) {
                        log.warn(
                                "An adoption outlasted its claim: session {}",
                                adopted.token().session());
                    }
                    return new Rotatable(adopted);
                });
    }

    private Mono<Adoption> giveBack(Exchange exchange, BackendAnswer answer) {
        if (answer instanceof Nothing nothing) {
            log.warn("The backends did not decide about a refresh token of theirs: {}", nothing.why());
        }
        Ended ended = answer instanceof Refusal refusal
                ? new Ended(new RefusedByBackend(refusal), RefreshResult.REFUSED_BY_BACKEND)
                : new Ended(new Undecided(), RefreshResult.UNDECIDED);
        return store.giveBackAdoption(exchange.token().hash(), exchange.claimant())
                .onErrorResume(StoreUnavailableException.class, e -> {
                    log.debug("A claim was not given back, and ends with its lease", e);
                    return Mono.just(false);
                })
                .thenReturn(ended);
    }

    private @Nullable PresentedToken adopted(BackendToken token, String accessToken) {
        for (AdoptingRealm adopting : realms) {
            Realm realm = adopting.realm();
            if (realm.accessTokens().verify(accessToken) instanceof Verified verified
                    && adopting.accessTokensSay().hold(verified.claims())) {
                Instant now = clock.instant();
                Instant until = token.expiresAt();
                if (until == null) {
                    until = now.plus(realm.policy().absoluteLifetime());
                }
                String subject = verified.subject();
                SessionRef session =
                        new SessionRef(realm.name(), subject, token.hash().session(realm.name(), subject));
                RefreshToken first = new RefreshToken(session, 0, now, until, now, verified.template());
                return new PresentedToken(realm, first, new AdoptedToken(until, token.issuedAt()));
            }
        }
        return null;
    }

    /** What the token was adopted as, unless that holds no longer: its realm, or the key that signed it, is gone. */
    private Adoption opened(BackendToken token, String sealed) {
        String opened = token.open(sealed);
        if (opened != null && refreshTokens.verify(opened) instanceof RefreshTokenCheck.Verified verified) {
            RefreshToken first = verified.token();
            SessionRef session = first.session();
            boolean opensIt = session.id().equals(token.hash().session(session.realm(), session.subject()));
            for (AdoptingRealm adopting : realms) {
                if (opensIt && adopting.realm().name().equals(session.realm())) {
                    AdoptedToken adopted = new AdoptedToken(first.expiresAt(), token.issuedAt());
                    return new Rotatable(new PresentedToken(adopting.realm(), first, adopted));
                }
            }
        }
        return new Ended(new Refused(), RefreshResult.UNOPENED);
    }
}
