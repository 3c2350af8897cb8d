package io.portcullis.token;

import io.portcullis.session.SessionId;
import io.portcullis.token.AccessTokenCheck.Unverified;
import io.portcullis.token.AccessTokenCheck.Verified;
import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Access tokens of one realm: JWTs (RFC 7519) with the keys and the claims of the backends, which verify ours as they
 * verify their own. Claims and header members are carried as text, so a number stays as it was written.
 */
public final class AccessTokenCodec {
    private static final Set<String> OURS = Set.of("iat", "exp", "sid");
    private static final Set<String> SID = Set.of("sid");
    /** Members that change what the rest means (RFC 7515, 4.1.11; RFC 7797), or how it is packed (RFC 7516). */
    private static final Set<String> NOT_UNDERSTOOD = Set.of("crit", "b64", "zip", "enc");

    private static final double LATEST_SECOND = 253_402_300_799.0;

    private final String realm;
    private final Supplier<JwsKeys> keys;
    private final Duration clockSkew;
    private final InstantSource clock;
    private volatile @Nullable Header last;

    /** What became of a header: most tokens of a realm have the same one. */
    private record Header(String template, JwsKeys keys, String segment) {
        @Override
        public String toString() {
            return "Header";
        }
    }

    /**
     * A codec for one realm.
     *
     * @param realm its name
     * @param keys those of the moment, shared with the realm's backends, or published to them
     * @param clockSkew by how much a backend's clock may be off
     */
    public AccessTokenCodec(String realm, Supplier<JwsKeys> keys, Duration clockSkew, InstantSource clock) {
        this.realm = realm;
        this.keys = keys;
        this.clockSkew = clockSkew;
        this.clock = clock;
    }

    /** Verifies a token that a backend signed. */
    public AccessTokenCheck verify(String compact) {
        CompactJws jws = CompactJws.split(compact);
        byte[] header = jws == null ? null : jws.headerJson();
        byte[] payload = jws == null ? null : jws.payloadJson();
        if (jws == null || header == null || payload == null) {
            return Unverified.MALFORMED;
        }
        try {
            JsonMembers headerMembers = JsonMembers.read(header);
            String algorithm = headerMembers.string("alg");
            if (algorithm == null || NOT_UNDERSTOOD.stream().anyMatch(name -> headerMembers.find(name) != null)) {
                return Unverified.MALFORMED;
            }
            if (!keys.get().verify(jws, algorithm, headerMembers.string("kid"))) {
                return Unverified.SIGNATURE;
            }
            return check(headerMembers, JsonMembers.read(payload));
        } catch (JacksonException e) {
            return Unverified.MALFORMED;
        }
    }

    private AccessTokenCheck check(JsonMembers header, JsonMembers claims) {
        Instant now = clock.instant();
        Member exp = claims.find("exp");
        if (exp != null && !(seconds(claims, exp) > seconds(now.minus(clockSkew)))) {
            return Unverified.EXPIRED;
        }
        Member nbf = claims.find("nbf");
        if (nbf != null && !(seconds(claims, nbf) <= seconds(now.plus(clockSkew)))) {
            return Unverified.EXPIRED;
        }
        String subject = subject(claims);
        if (subject == null) {
            return Unverified.NO_SUBJECT;
        }
        AccessTemplate template = new AccessTemplate(header.without(Set.of()), claims.without(OURS));
        String sid = claims.string("sid");
        SessionId session = sid == null ? null : session(sid, subject);
        return new Verified(
                subject, template, claims.without(SID), exp == null ? null : instant(seconds(claims, exp)), session);
    }

    /** Null for a {@code sid} that is not of this gateway, or of another subject. */
    private @Nullable SessionId session(String sid, String subject) {
        if (!SessionId.isValid(sid)) {
            return null;
        }
        SessionId session = new SessionId(sid);
        return session.isOf(realm, subject) ? session : null;
    }

    /** A time beyond the year 9999 is that year's. */
    private static Instant instant(double seconds) {
        return Instant.ofEpochMilli((long) Math.ceil(Math.min(seconds, LATEST_SECOND) * 1000));
    }

    /** RFC 7519, 2: a NumericDate may have a fraction. What is no number is NaN, for which no comparison holds. */
    private static double seconds(JsonMembers claims, Member date) {
        boolean number = date.type() == JsonToken.VALUE_NUMBER_INT || date.type() == JsonToken.VALUE_NUMBER_FLOAT;
        return number ? Double.parseDouble(claims.raw(date)) : Double.NaN;
    }

    private static double seconds(Instant time) {
        return time.toEpochMilli() / 1000.0;
    }

    private static @Nullable String subject(JsonMembers claims) {
        Member member = claims.find("sub");
        if (member == null) {
            member = claims.find("id");
        }
        if (member == null) {
            return null;
        }
        String subject = member.type() == JsonToken.VALUE_NUMBER_INT ? claims.raw(member) : member.text();
        return subject == null || subject.isBlank() ? null : subject;
    }

    /** The same token, with {@code sid} in it and nothing else changed, signed by the realm's signing key. */
    public String withSession(Verified token, SessionId session) {
        return sign(token.template(), append(token.claims(), "\"sid\":\"" + session.value() + '"'));
    }

    /** A new token with the session's header and claims. */
    public String mint(AccessTemplate template, SessionId session, Instant issuedAt, Duration lifetime) {
        long iat = issuedAt.getEpochSecond();
        String times = "\"iat\":" + iat + ",\"exp\":" + (iat + lifetime.toSeconds());
        return sign(template, append(template.claims(), times + ",\"sid\":\"" + session.value() + '"'));
    }

    private String sign(AccessTemplate template, String claims) {
        // the header names the key that signs, even while another takes its place
        JwsKeys now = keys.get();
        return now.signing().sign(headerSegment(template.header(), now), CompactJws.encode(claims));
    }

    private String headerSegment(String template, JwsKeys keys) {
        Header last = this.last;
        if (last == null || last.keys() != keys || !last.template().equals(template)) {
            last = new Header(template, keys, CompactJws.encode(header(template, keys)));
            this.last = last;
        }
        return last.segment();
    }

    /** The backends' own header, naming the key that signs: {@code alg} always, {@code kid} where theirs has one. */
    private static String header(String template, JwsKeys keys) {
        JwsKey key = keys.signing();
        JsonMembers members = JsonMembers.read(template.getBytes(StandardCharsets.UTF_8));
        boolean named = members.find("kid") != null;
        if (key.algorithm().equals(members.string("alg")) && (!named || isNamed(key, keys, members.string("kid")))) {
            return template;
        }
        StringBuilder header =
                new StringBuilder("\"alg\":\"").append(key.algorithm()).append('"');
        if (named) {
            header.append(",\"kid\":\"");
            JsonStringEncoder.getInstance().quoteAsString(key.keyIdOrThumbprint(), header);
            header.append('"');
        }
        return append(members.without(Set.of("alg", "kid")), header.toString());
    }

    /** A key without a {@code kid} goes by any that is not another key's: its backend may know it by one. */
    private static boolean isNamed(JwsKey key, JwsKeys keys, @Nullable String keyId) {
        return key.keyId() == null
                ? keys.all().stream()
                        .noneMatch(other -> other.keyIdOrThumbprint().equals(keyId))
                : key.keyId().equals(keyId);
    }

    private static String append(String object, String member) {
        int end = object.length() - 1;
        return new StringBuilder(end + member.length() + 2)
                .append(object, 0, end)
                .append(end > 1 ? "," : "")
                .append(member)
                .append('}')
                .toString();
    }
}
