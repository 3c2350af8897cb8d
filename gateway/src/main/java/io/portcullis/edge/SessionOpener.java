package io.portcullis.edge;

import io.portcullis.operations.SessionEvents;
import io.portcullis.operations.Untouched;
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
import java.net.InetAddress;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Opens the session that a backend's answer issues: the access token gets the session's id, and our refresh token is to
 * stand where the backend's stood. An answer that cannot be verified, or that the store cannot record now, stays as it was.
 */
public final class SessionOpener {
    private final RefreshTokenCodec refreshTokens;
    private final SessionStore store;
    private final SessionEvents events;
    private final int bodyLimit;

    /**
     * An opener for all realms.
     *
     * @param bodyLimit the largest answer that is looked at, in bytes, packed and unpacked
     */
    public SessionOpener(RefreshTokenCodec refreshTokens, SessionStore store, SessionEvents events, int bodyLimit) {
        this.refreshTokens = refreshTokens;
        this.store = store;
        this.events = events;
        this.bodyLimit = bodyLimit;
    }

    int bodyLimit() {
        return bodyLimit;
    }

    /**
     * The tokens to be sent instead; empty where the answer is to stay as it was.
     *
     * @param accessToken the backend's
     * @param client whom to name, should the operator be told
     */
    Mono<TokenPair> open(Realm realm, String accessToken, Supplier<@Nullable InetAddress> client) {
        AccessTokenCheck check = realm.accessTokens().verify(accessToken);
        if (!(check instanceof Verified verified)) {
            String cause = check.toString().toLowerCase(Locale.ROOT);
            events.untouched(realm.name(), Untouched.UNVERIFIED, cause, client);
            return Mono.empty();
        }
        SessionRef session = new SessionRef(realm.name(), verified.subject(), SessionId.random(verified.subject()));
        return store.open(new Opening(session, realm.policy(), verified.expiresAt()))
                .map(first -> {
                    events.opened(session, first, client);
                    return new TokenPair(
                            realm.accessTokens().withSession(verified, session.id()),
                            refreshToken(session, first, verified));
                })
                .onErrorResume(StoreUnavailableException.class, e -> {
                    untouched(realm, Untouched.UNAVAILABLE, client);
                    return Mono.<TokenPair>empty();
                })
                // its client may hang up: what ended so that there is room is announced and told
                .cache();
    }

    void untouched(Realm realm, Untouched reason, Supplier<@Nullable InetAddress> client) {
        events.untouched(realm.name(), reason, null, client);
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
