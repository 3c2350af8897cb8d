package io.portcullis.token;

import io.portcullis.session.ForeignSessionException;
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
    /** About as long as all but the claims is. */
    private static final int PAYLOAD_LENGTH = 320;

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
        AccessTemplate access = token.access();
        StringBuilder json = new StringBuilder(PAYLOAD_LENGTH + access.claims().length());
        quote(issuer, json.append("{\"iss\":"));
        quote(session.realm(), json.append(",\"aud\":"));
        quote(session.subject(), json.append(",\"sub\":"));
        quote(session.id().value(), json.append(",\"sid\":"));
        json.append(",\"gen\":").append(token.generation());
        json.append(",\"iat\":").append(token.issuedAt().getEpochSecond());
        json.append(",\"exp\":").append(token.expiresAt().getEpochSecond());
        json.append(",\"auth_time\":").append(token.authTime().getEpochSecond());
        json.append(",\"access_header\":").append(access.header());
        return json.append(",\"access_claims\":")
                .append(access.claims())
                .append('}')
                .toString();
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
        } catch (ForeignSessionException e) {
            return Rejected.MISMATCHED;
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

    private static void quote(String text, StringBuilder json) {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        json.append('"');
    }
}
