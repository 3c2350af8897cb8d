package io.portcullis.token;

import io.portcullis.session.SessionId;
import io.portcullis.token.AccessTokenCheck.Verified;
import io.portcullis.token.AdoptionCheck.Adoptable;
import io.portcullis.token.AdoptionCheck.Unadoptable;
import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * The refresh tokens that the backends of one realm minted before the gateway stood in front of them. An access token must
 * never pass for one: keys of their own or a required claim tell the two apart.
 */
public final class AdoptionCodec {
    /** As the value of a required claim: any value will do. */
    public static final String ANY = "*";

    private static final Set<String> OF_THE_TOKEN = Set.of("jti", "nbf");

    private final AccessTokenCodec tokens;
    private final Map<String, String> requiredClaims;

    /**
     * A codec for one realm.
     *
     * @param keys with which its backends signed refresh tokens
     * @param requiredClaims what a refresh token says, by name: the exact value, or {@link #ANY}
     */
    public AdoptionCodec(JwsKeys keys, Map<String, String> requiredClaims, Duration clockSkew, InstantSource clock) {
        this.tokens = new AccessTokenCodec(keys, clockSkew, clock);
        this.requiredClaims = Map.copyOf(requiredClaims);
    }

    /** Verifies a token that is not one of ours. */
    public AdoptionCheck verify(String compact) {
        // a sid of ours is in access tokens that went through the gateway
        if (!(tokens.verify(compact) instanceof Verified verified) || verified.session() != null) {
            return new Unadoptable();
        }
        JsonMembers claims = JsonMembers.read(utf8(verified.claims()));
        for (Map.Entry<String, String> required : requiredClaims.entrySet()) {
            if (!has(claims, required.getKey(), required.getValue())) {
                return new Unadoptable();
            }
        }
        AccessTemplate access = new AccessTemplate(verified.template().header(), withoutItsKind(verified.template()));
        return new Adoptable(verified.subject(), sessionOf(compact, verified.subject()), access, expiry(claims));
    }

    private static boolean has(JsonMembers claims, String name, String value) {
        Member claim = claims.find(name);
        if (claim == null || claim.type() == JsonToken.VALUE_NULL) {
            return false;
        }
        return value.equals(ANY) || value.equals(claim.text() == null ? claims.raw(claim) : claim.text());
    }

    /** The claims that say 'I am a refresh token' must not stand in an access token. */
    private String withoutItsKind(AccessTemplate template) {
        Set<String> dropped = new HashSet<>(OF_THE_TOKEN);
        requiredClaims.forEach((name, value) -> {
            if (!value.equals(ANY)) {
                dropped.add(name);
            }
        });
        return JsonMembers.read(utf8(template.claims())).without(dropped);
    }

    private static @Nullable Instant expiry(JsonMembers claims) {
        Member exp = claims.find("exp");
        return exp == null ? null : Instant.ofEpochSecond((long) Double.parseDouble(claims.raw(exp)));
    }

    private static SessionId sessionOf(String compact, String subject) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(utf8(compact));
            return SessionId.of(Arrays.copyOf(digest, 16), subject);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
