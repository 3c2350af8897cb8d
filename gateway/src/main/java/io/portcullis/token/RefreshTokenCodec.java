package io.portcullis.token;

import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.token.JsonMembers.Member;
import io.portcullis.token.RefreshTokenCheck.Rejected;
import io.portcullis.token.RefreshTokenCheck.Verified;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
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
    private final Map<String, Signer> signers = new HashMap<>();
    private final Map<String, Verifier> verifiers = new HashMap<>();

    /** @param fixedLength of a token without its payload: a key's signatures are all as long */
    private record Signer(String headerSegment, JwsKey key, int fixedLength) {
        static Signer of(JwsKey key) {
            String segment = RefreshTokenCodec.headerSegment(key);
            return new Signer(segment, key, key.sign(segment, "").length());
        }
    }

    private record Verifier(JwsKey key, Set<String> realms) {}

    /**
     * A codec for all realms, since only the token says which it belongs to.
     *
     * @param issuer {@code iss}
     * @param keys by realm; realms may share them
     * @param clockSkew by how much this machine's clock may be off against the store's
     * @throws IllegalArgumentException if two different keys have the same {@code kid}
     */
    public RefreshTokenCodec(String issuer, Map<String, JwsKeys> keys, Duration clockSkew, InstantSource clock) {
        this.issuer = issuer;
        this.clockSkew = clockSkew;
        this.clock = clock;
        keys.forEach((realm, set) -> {
            signers.put(realm, Signer.of(set.signing()));
            for (JwsKey key : set.all()) {
                verifiers.merge(headerSegment(key), new Verifier(key, Set.of(realm)), RefreshTokenCodec::merge);
            }
        });
    }

    private static Verifier merge(Verifier one, Verifier other) {
        if (!one.key.thumbprint().equals(other.key.thumbprint())) {
            throw new IllegalArgumentException("two refresh-token keys have the kid " + one.key.keyIdOrThumbprint());
        }
        Set<String> realms = new HashSet<>(one.realms);
        realms.addAll(other.realms);
        return new Verifier(one.key, Set.copyOf(realms));
    }

    private static String headerSegment(JwsKey key) {
        return CompactJws.encode("{\"alg\":\"" + key.algorithm() + "\",\"typ\":\"rt+jwt\",\"kid\":"
                + quote(key.keyIdOrThumbprint()) + "}");
    }

    /** The token that says this, with its realm's signing key. Where the algorithm is deterministic, always the same. */
    public String mint(RefreshToken token) {
        Signer signer = signer(token);
        return signer.key.sign(signer.headerSegment, CompactJws.encode(payload(token)));
    }

    /** How long the token is when it is minted; no signature is made for that. */
    public int length(RefreshToken token) {
        return signer(token).fixedLength + CompactJws.encode(payload(token)).length();
    }

    private Signer signer(RefreshToken token) {
        String realm = token.session().realm();
        Signer signer = signers.get(realm);
        if (signer == null) {
            throw new IllegalArgumentException("no such realm: " + realm);
        }
        return signer;
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
        Verifier verifier = jws == null ? null : verifiers.get(jws.header());
        if (jws == null || verifier == null) {
            return Rejected.MALFORMED;
        }
        byte[] payload = verifier.key.verifies(jws) ? jws.payloadJson() : null;
        if (payload == null) {
            return Rejected.FORGED;
        }
        try {
            RefreshToken token = read(JsonMembers.read(payload), verifier.realms);
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
