package io.portcullis.edge;

import io.portcullis.operations.SessionMetrics;
import io.portcullis.session.Opening;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.Successor;
import io.portcullis.token.AccessTokenCheck;
import io.portcullis.token.AccessTokenCheck.Verified;
import io.portcullis.token.RefreshToken;
import io.portcullis.token.RefreshTokenCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Opens the session that a backend's answer issues: the access token gets the session's id, and our refresh token is to
 * stand where the backend's stood. An answer that cannot be verified, or that the store cannot record now, stays as it was.
 */
public final class SessionOpener {
    private static final Logger log = LoggerFactory.getLogger(SessionOpener.class);

    private final RefreshTokenCodec refreshTokens;
    private final SessionStore store;
    private final SessionMetrics metrics;
    private final int bodyLimit;

    /** Why an answer passes as it was. */
    enum Untouched {
        /** Not JSON, in a coding that cannot be read, over the limit, or broken. */
        UNREADABLE,
        /** Readable, and without the two tokens. */
        NO_TOKENS,
        /** Its access token cannot be verified. */
        UNVERIFIED,
        /** The store could not record the session. */
        UNAVAILABLE
    }

    /**
     * An opener for all realms.
     *
     * @param bodyLimit the largest answer that is looked at, in bytes, packed and unpacked
     */
    public SessionOpener(RefreshTokenCodec refreshTokens, SessionStore store, SessionMetrics metrics, int bodyLimit) {
        this.refreshTokens = refreshTokens;
        this.store = store;
        this.metrics = metrics;
        this.bodyLimit = bodyLimit;
    }

    int bodyLimit() {
        return bodyLimit;
    }

    /**
     * The tokens to be sent instead; empty where the answer is to stay as it was.
     *
     * @param accessToken the backend's
     */
    Mono<TokenPair> open(Realm realm, String accessToken) {
        AccessTokenCheck check = realm.accessTokens().verify(accessToken);
        if (!(check instanceof Verified verified)) {
            log.warn(
                    "A login answer of realm {} passed as it was: its access token is not verified ({})",
                    realm.name(),
                    check);
            untouched(realm, Untouched.UNVERIFIED);
            return Mono.empty();
        }
        SessionRef session = new SessionRef(realm.name(), verified.subject(), SessionId.random(verified.subject()));
        return store.open(new Opening(session, realm.policy(), verified.expiresAt()))
                .map(first -> {
                    metrics.opened(realm.name());
                    return new TokenPair(
                            realm.accessTokens().withSession(verified, session.id()),
                            refreshToken(session, first, verified));
                })
                .onErrorResume(StoreUnavailableException.class, e -> {
                    log.warn("A login answer of realm {} passed as it was: {}", realm.name(), e.toString());
                    untouched(realm, Untouched.UNAVAILABLE);
                    return Mono.empty();
                });
    }

    void untouched(Realm realm, Untouched reason) {
        metrics.untouched(realm.name(), reason);
    }

    private String refreshToken(SessionRef session, Successor first, Verified verified) {
        return refreshTokens.mint(new RefreshToken(
                session,
                first.generation(),
                first.issuedAt(),
                first.expiresAt(),
                first.issuedAt(),
                verified.template()));
    }
}
