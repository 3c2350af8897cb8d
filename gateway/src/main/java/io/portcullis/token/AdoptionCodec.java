package io.portcullis.token;

import io.portcullis.token.AccessTokenCheck.Verified;
import io.portcullis.token.AdoptionCheck.Adoptable;
import io.portcullis.token.AdoptionCheck.Unadoptable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The refresh tokens that the backends of one realm minted before the gateway stood in front of them. An access token must
 * never pass for one: keys of their own or a required claim tell the two apart.
 */
public final class AdoptionCodec {
    private static final Set<String> OF_THE_TOKEN = Set.of("jti", "nbf");

    private final String realm;
    private final AccessTokenCodec tokens;
    private final RequiredClaims requiredClaims;
    private final Duration clockSkew;
    private final InstantSource clock;

    /**
     * A codec for one realm.
     *
     * @param realm its name
     * @param keys those of the moment, with which its backends signed refresh tokens
     * @param requiredClaims what a refresh token says
     */
    public AdoptionCodec(
            String realm,
            Supplier<JwsKeys> keys,
            RequiredClaims requiredClaims,
            Duration clockSkew,
            InstantSource clock) {
        this.realm = realm;
        this.tokens = new AccessTokenCodec(realm, keys, clockSkew, clock);
        this.requiredClaims = requiredClaims;
        this.clockSkew = clockSkew;
        this.clock = clock;
    }

    /** Verifies a token that is not one of ours. */
    public AdoptionCheck verify(String compact) {
        // a sid of ours is in access tokens that went through the gateway
        if (!(tokens.verify(compact) instanceof Verified verified) || verified.session() != null) {
            return new Unadoptable();
        }
        JsonMembers claims = JsonMembers.read(utf8(verified.claims()));
        if (!requiredClaims.hold(claims)) {
            return new Unadoptable();
        }
        AccessTemplate access = new AccessTemplate(verified.template().header(), withoutItsKind(verified.template()));
        return new Adoptable(
                verified.subject(),
                BackendToken.hashOf(compact).session(realm, verified.subject()),
                access,
                BackendToken.issuedAt(claims, clock.instant().plus(clockSkew)),
                verified.expiresAt());
    }

    /** The claims that say 'I am a refresh token' must not stand in an access token. */
    private String withoutItsKind(AccessTemplate template) {
        Set<String> dropped = new HashSet<>(OF_THE_TOKEN);
        dropped.addAll(requiredClaims.exact());
        return JsonMembers.read(utf8(template.claims())).without(dropped);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
