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
 * Opens the session that a backend's answer issues: the access token gets the session's id, and our refresh token stands
 * where the backend's stood. An answer that cannot be verified, or that the store cannot record now, stays as it was.
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
        /** JSON without the two tokens. */
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

    /** The body to be sent instead; empty where the answer is to stay as it was. */
    Mono<byte[]> open(Realm realm, ContentCoding coding, byte[] body) {
        byte[] json = coding.decode(body, bodyLimit);
        if (json == null) {
            return untouched(realm, Untouched.UNREADABLE);
        }
        IssuingAnswer answer = IssuingAnswer.recognize(json);
        if (answer == null) {
            return untouched(realm, Untouched.NO_TOKENS);
        }
        AccessTokenCheck check = realm.accessTokens().verify(answer.accessToken());
        if (!(check instanceof Verified verified)) {
            log.warn(
                    "A login answer of realm {} passed as it was: its access token is not verified ({})",
                    realm.name(),
                    check);
            return untouched(realm, Untouched.UNVERIFIED);
        }
        SessionRef session = new SessionRef(realm.name(), verified.subject(), SessionId.random());
        return store.open(new Opening(session, realm.policy()))
                .map(first -> {
                    metrics.opened(realm.name());
                    String accessToken = realm.accessTokens().withSession(verified, session.id());
                    return coding.encode(answer.with(accessToken, refreshToken(session, first, verified)));
                })
                .onErrorResume(StoreUnavailableException.class, e -> {
                    log.warn("A login answer of realm {} passed as it was: {}", realm.name(), e.toString());
                    return untouched(realm, Untouched.UNAVAILABLE);
                });
    }

    void unreadable(Realm realm) {
        metrics.untouched(realm.name(), Untouched.UNREADABLE);
    }

    private Mono<byte[]> untouched(Realm realm, Untouched reason) {
        metrics.untouched(realm.name(), reason);
        return Mono.empty();
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
