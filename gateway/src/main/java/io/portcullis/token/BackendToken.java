package io.portcullis.token;

import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.Hkdf;
import io.portcullis.session.SessionId;
import io.portcullis.session.TokenHash;
import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/**
 * A token that may be a backend's refresh token, as far as one can tell without its key. What is kept of it is sealed with
 * a key made of the token itself (HKDF, RFC 5869; AES-GCM): whoever presents it can read that, and nobody else.
 */
public final class BackendToken {
    private static final int LENGTH_MAX = 8192;
    /** Longer than any token is meant to live. */
    private static final Duration LIFE_MAX = Duration.ofDays(3650);

    private static final int KEY_BYTES = 32;
    private static final byte[] PURPOSE = utf8("portcullis adoption");
    private static final byte[] NOTHING = {};

    private final String compact;
    private final TokenHash hash;
    private final @Nullable Instant issuedAt;
    private final @Nullable Instant expiresAt;

    private BackendToken(String compact, @Nullable Instant issuedAt, @Nullable Instant expiresAt) {
        this.compact = compact;
        this.hash = hashOf(compact);
        this.issuedAt = issuedAt;
        this.expiresAt = expiresAt;
    }

    /**
     * Reads a token that is not one of ours; null where no backend would exchange it: it is no signed JWT, too long, over,
     * or an access token that the gateway has had in its hands.
     */
    public static @Nullable BackendToken read(String compact, Instant now, Duration clockSkew) {
        CompactJws jws = compact.length() > LENGTH_MAX ? null : CompactJws.split(compact);
        byte[] header = jws == null ? null : jws.headerJson();
        byte[] payload = jws == null ? null : jws.payloadJson();
        if (header == null || payload == null) {
            return null;
        }
        try {
            String algorithm = JsonMembers.read(header).string("alg");
            JsonMembers claims = JsonMembers.read(payload);
            String sid = claims.string("sid");
            if (algorithm == null || algorithm.equals("none") || (sid != null && SessionId.isValid(sid))) {
                return null;
            }
            Instant issuedAt = issuedAt(claims, now.plus(clockSkew));
            Member exp = claims.find("exp");
            if (exp == null) {
                return new BackendToken(compact, issuedAt, null);
            }
            Instant expiresAt = date(claims, exp, now.plus(LIFE_MAX));
            return now.minus(clockSkew).isBefore(expiresAt) ? new BackendToken(compact, issuedAt, expiresAt) : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    /** RFC 7519, 2: a NumericDate may have a fraction. What is no number is long past. */
    private static Instant date(JsonMembers claims, Member date, Instant latest) {
        double seconds = isNumber(date) ? Double.parseDouble(claims.raw(date)) : 0;
        return Instant.ofEpochSecond((long) Math.max(0, Math.min(seconds, (double) latest.getEpochSecond())));
    }

    /** {@code iat}; null where there is none, and where it cannot be true: it is to come, as one in milliseconds is. */
    static @Nullable Instant issuedAt(JsonMembers claims, Instant latest) {
        Member iat = claims.find("iat");
        if (iat == null || !isNumber(iat)) {
            return null;
        }
        double seconds = Double.parseDouble(claims.raw(iat));
        return seconds > 0 && seconds <= latest.getEpochSecond() ? Instant.ofEpochSecond((long) seconds) : null;
    }

    private static boolean isNumber(Member date) {
        return Set.of(JsonToken.VALUE_NUMBER_INT, JsonToken.VALUE_NUMBER_FLOAT).contains(date.type());
    }

    /** Leaves the signature out, since an ECDSA signature has a twin that verifies too. */
    static TokenHash hashOf(String compact) {
        return TokenHash.of(compact.substring(0, compact.lastIndexOf('.')));
    }

    /** What names the token, and its session: whoever presents the same one names the same. */
    public TokenHash hash() {
        return hash;
    }

    /** {@code iat}; null in a token that does not say. */
    public @Nullable Instant issuedAt() {
        return issuedAt;
    }

    /** {@code exp}; null in a token that does not say. */
    public @Nullable Instant expiresAt() {
        return expiresAt;
    }

    /** The text in a form that only this token opens: base64url, another one each time. */
    public String seal(String text) {
        try {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(cipher().encrypt(utf8(text), NOTHING));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JRE has AES-GCM", e);
        }
    }

    /** What was sealed; null if it was not by this token. */
    public @Nullable String open(String sealed) {
        try {
            byte[] text = cipher().decrypt(Base64.getUrlDecoder().decode(sealed), NOTHING);
            return new String(text, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return null;
        }
    }

    private AesGcmJce cipher() throws GeneralSecurityException {
        return new AesGcmJce(Hkdf.computeHkdf("HMACSHA256", utf8(compact), NOTHING, PURPOSE, KEY_BYTES));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "BackendToken[" + hash + "]";
    }
}
