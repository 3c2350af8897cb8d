package io.portcullis.edge;

import io.portcullis.edge.RefreshOutcome.Issued;
import io.portcullis.operations.SessionEvents;
import io.portcullis.session.AttemptId;
import io.portcullis.session.SessionRef;
import io.portcullis.session.Successor;
import io.portcullis.token.AccessTemplate;
import io.portcullis.token.ClaimSeal;
import io.portcullis.token.OpenedClaims;
import io.portcullis.token.RefreshToken;
import io.portcullis.token.RefreshTokenCodec;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Mints the two tokens of a rotation that was granted: for the same successor the same ones, as far as the algorithm allows. */
final class SuccessorTokens {
    private final RefreshTokenCodec refreshTokens;
    private final ClaimSeal seal;
    private final SessionEvents events;
    private final InstantSource clock;

    SuccessorTokens(RefreshTokenCodec refreshTokens, ClaimSeal seal, SessionEvents events, InstantSource clock) {
        this.refreshTokens = refreshTokens;
        this.seal = seal;
        this.events = events;
        this.clock = clock;
    }

    /** @param client whom to name, should the operator be told */
    Issued mint(
            PresentedToken presented, AttemptId attempt, Successor successor, Supplier<@Nullable InetAddress> client) {
        Realm realm = presented.realm();
        RefreshToken token = presented.token();
        AccessTemplate access = access(token, successor, client);
        RefreshToken next = new RefreshToken(
                token.session(),
                successor.generation(),
                successor.issuedAt(),
                successor.expiresAt(),
                presented.isAdopted() ? successor.issuedAt() : token.authTime(),
                access);
        Duration lifetime = realm.policy().accessTokenLifetime();
        String accessToken =
                realm.accessTokens().mint(access, token.session().id(), accessIssuedAt(realm, successor), lifetime);
        return new Issued(
                token.session(),
                attempt,
                successor.generation(),
                accessToken,
                refreshTokens.mint(next),
                lifetime.toSeconds());
    }

    /** With what operators changed, as far as it can be read. */
    private AccessTemplate access(RefreshToken token, Successor successor, Supplier<@Nullable InetAddress> client) {
        SessionRef session = token.session();
        OpenedClaims changed = seal.open(session.realm(), session.subjectHash(), successor.changed());
        if (changed.unopened() > 0) {
            events.claimsUnopened(session, changed.unopened(), client);
        }
        return token.access().with(changed.claims());
    }

    /** The rotation's own time, so that a repeated answer is the same answer; now, where it is repeated much later. */
    private Instant accessIssuedAt(Realm realm, Successor successor) {
        Instant now = clock.instant();
        long age = successor.issuedAt().until(now, ChronoUnit.MILLIS);
        long tenthOfItsLife = realm.policy().accessTokenLifetime().toMillis() / 10;
        return age > tenthOfItsLife ? now : successor.issuedAt();
    }
}
