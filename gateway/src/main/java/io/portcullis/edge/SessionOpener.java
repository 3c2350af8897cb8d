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
import java.time.Instant;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Opens the session that a backend's answer issues: the access token gets the session's id, and our refresh token is to
 * stand where the backend's stood. An answer that cannot be verified, whose refresh token no refresh request would have room
 * for, or that the store cannot record now, stays as it was.
 */
public final class SessionOpener {
    /** Of the JSON around a refresh token: 19 bytes, and spaces as some write them. */
    private static final int AROUND_A_TOKEN = 64;

    /** No time of a token has more digits, in seconds. */
    private static final Instant LATEST = Instant.ofEpochSecond(9_999_999_999L);

    private final RefreshTokenCodec refreshTokens;
    private final SessionStore store;
    private final SessionEvents events;
    private final int bodyLimit;
    private final int refreshBodyLimit;

    /**
     * An opener for all realms.
     *
     * @param bodyLimit the largest answer that is looked at, in bytes, packed and unpacked
     * @param refreshBodyLimit the largest refresh request, in bytes
     */
    public SessionOpener(
            RefreshTokenCodec refreshTokens,
            SessionStore store,
            SessionEvents events,
            int bodyLimit,
            int refreshBodyLimit) {
        this.refreshTokens = refreshTokens;
        this.store = store;
        this.events = events;
        this.bodyLimit = bodyLimit;
        this.refreshBodyLimit = refreshBodyLimit;
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
        SessionRef session =
                new SessionRef(realm.name(), verified.subject(), SessionId.random(realm.name(), verified.subject()));
        if (!fitsIntoARefresh(session, verified)) {
            untouched(realm, Untouched.TOO_LARGE, client);
            return Mono.empty();
        }
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

    /** Before the store is asked: a session that nobody has would count among the subject's. */
    private boolean fitsIntoARefresh(SessionRef session, Verified verified) {
        RefreshToken longest = new RefreshToken(session, Long.MAX_VALUE, LATEST, LATEST, LATEST, verified.template());
        return refreshTokens.length(longest) + AROUND_A_TOKEN <= refreshBodyLimit;
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
