package io.portcullis.token;

import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.token.JsonMembers.Member;
import io.portcullis.token.RefreshTokenCheck.Rejected;
import io.portcullis.token.RefreshTokenCheck.Verified;
import io.portcullis.token.RefreshTokenKeys.Signer;
import io.portcullis.token.RefreshTokenKeys.Verifier;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The gateway's refresh tokens: JWTs of type {@code rt+jwt} that authenticate themselves, so that junk dies here. Nobody
 * else mints them, and every key has exactly one header: a token's encoded header is looked up as it stands in a closed
 * map. What a stranger writes into a header ({@code kid}, {@code alg}, {@code jku}, {@code crit}) is never even read.
 */
public final class RefreshTokenCodec {
    private final String issuer;
    private final Duration clockSkew;
    private final InstantSource clock;
    private final Supplier<RefreshTokenKeys> keys;

    /**
     * A codec for all realms.
     *
     * @param issuer {@code iss}
     * @param keys those of the moment
     * @param clockSkew by how much this machine's clock may be off against the store's
     */
    public RefreshTokenCodec(String issuer, Supplier<RefreshTokenKeys> keys, Duration clockSkew, InstantSource clock) {
        this.issuer = issuer;
        this.keys = keys;
        this.clockSkew = clockSkew;
        this.clock = clock;
    }

    /** The token that says this, with its realm's signing key. Where the algorithm is deterministic, always the same. */
    public String mint(RefreshToken token) {
        Signer signer = signer(token);
        return signer.key().sign(signer.headerSegment(), CompactJws.encode(payload(token)));
    }

    /** How long the token is when it is minted; no signature is made for that. */
    public int length(RefreshToken token) {
        return signer(token).fixedLength() + CompactJws.encode(payload(token)).length();
    }

    private Signer signer(RefreshToken token) {
        return keys.get().signer(token.session().realm());
    }

    private String payload(RefreshToken token) {
        SessionRef session = token.session();
        return "{\"iss\":" + quote(issuer)
                + ",\"aud\":" + quote(session.realm())
                + ",\"sub\":" + quote(session.subject())
                + ",\"sid\":" + quote(session.id().value())
                + ",\"gen\":" + token.generation()
                + ",\"iat\":" + token.issuedAt().getEpochSecond()
                + ",\"exp\":" + token.expiresAt().getEpochSecond()
                + ",\"auth_time\":" + token.authTime().getEpochSecond()
                + ",\"access_header\":" + token.access().header()
                + ",\"access_claims\":" + token.access().claims()
                + '}';
    }

    /** Verifies a token that a client presented. */
    public RefreshTokenCheck verify(String compact) {
        CompactJws jws = CompactJws.split(compact);
        Verifier verifier = jws == null ? null : keys.get().verifier(jws.header());
        if (jws == null || verifier == null) {
            return Rejected.MALFORMED;
        }
        byte[] payload = verifier.key().verifies(jws) ? jws.payloadJson() : null;
        if (payload == null) {
            return Rejected.FORGED;
        }
        try {
            RefreshToken token = read(JsonMembers.read(payload), verifier.realms());
            boolean expired = !clock.instant().minus(clockSkew).isBefore(token.expiresAt());
            return expired ? Rejected.EXPIRED : new Verified(token);
        } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
            // signed with our key, and yet not a refresh token of this gateway
            return Rejected.MALFORMED;
        }
    }

    private RefreshToken read(JsonMembers members, Set<String> realms) {
        String realm = string(members, "aud");
        if (!issuer.equals(members.string("iss")) || !realms.contains(realm)) {
            throw new IllegalArgumentException("iss and aud say that the token is for somebody else");
        }
        SessionRef session = new SessionRef(realm, string(members, "sub"), new SessionId(string(members, "sid")));
        return new RefreshToken(
                session,
                members.integer("gen"),
                Instant.ofEpochSecond(members.integer("iat")),
                Instant.ofEpochSecond(members.integer("exp")),
                Instant.ofEpochSecond(members.integer("auth_time")),
                new AccessTemplate(object(members, "access_header"), object(members, "access_claims")));
    }

    private static String string(JsonMembers members, String name) {
        String value = members.string(name);
        if (value == null) {
            throw new StreamReadException(null, "no string " + name);
        }
        return value;
    }

    private static String object(JsonMembers members, String name) {
        Member member = members.find(name);
        if (member == null || member.type() != JsonToken.START_OBJECT) {
            throw new StreamReadException(null, "no object " + name);
        }
        return members.raw(member);
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        JsonStringEncoder.getInstance().quoteAsString(text, quoted);
        return quoted.append('"').toString();
    }
}
