package io.portcullis.token;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.KeyLengthException;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import io.portcullis.session.ChangedClaims;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.SubjectRef;
import io.portcullis.token.JsonMembers.Member;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What a store may know of changed claims: each value is a JWE (RFC 7516, compact; {@code dir}, {@code A256GCM}) under a key
 * made of a refresh-token key of its realm, its subject and its name (HKDF, RFC 5869). Whoever has only the store reads none,
 * makes none, and moves none to another subject, realm or name. The first key seals, all that can sign open.
 */
public final class ClaimSeal {
    private static final JWEHeader HEADER = new JWEHeader(JWEAlgorithm.DIR, EncryptionMethod.A256GCM);
    /** The header, and no encrypted key. */
    private static final String START = HEADER.toBase64URL() + "..";

    private static final String PURPOSE = "portcullis changed claims";

    private final Supplier<RefreshTokenKeys> keys;

    /** Whose the claims are, which a key is made of. */
    private record Owner(String realm, SubjectHash subject) {
        String purpose(String claim) {
            // none of them has a line break
            return String.join("\n", PURPOSE, realm, subject.value(), claim);
        }
    }

    /** @param keys those of the moment */
    public ClaimSeal(Supplier<RefreshTokenKeys> keys) {
        this.keys = keys;
    }

    /**
     * The claims with their values sealed: JSON strings, another one each time.
     *
     * @param values in JSON, by the names of the claims
     */
    public Map<String, String> seal(SubjectRef subject, Map<String, String> values) {
        Owner owner = new Owner(subject.realm(), subject.subjectHash());
        Map<String, String> sealed = new LinkedHashMap<>();
        values.forEach((name, value) -> sealed.put(name, '"' + sealed(owner, name, value) + '"'));
        return sealed;
    }

    /** The claims with their values as they were before {@link #seal}, by name. */
    public OpenedClaims open(String realm, SubjectHash subject, ChangedClaims sealed) {
        if (sealed.equals(ChangedClaims.NONE)) {
            return new OpenedClaims(sealed, 0);
        }
        Owner owner = new Owner(realm, subject);
        // a store has no order of its own, and the same claims are to give the same token
        Map<String, String> values = new TreeMap<>();
        int unopened = 0;
        try {
            for (Member member : JsonMembers.read(utf8(sealed.json())).all()) {
                String value = member.text() == null ? null : opened(owner, member.name(), member.text());
                if (value == null) {
                    unopened++;
                } else {
                    values.put(member.name(), value);
                }
            }
        } catch (JacksonException e) {
            return new OpenedClaims(ChangedClaims.NONE, 1);
        }
        StringJoiner claims = new StringJoiner(",", "{", "}");
        // sealed with their names: such as may be changed, and need no quoting
        values.forEach((name, value) -> claims.add('"' + name + "\":" + value));
        return new OpenedClaims(new ChangedClaims(claims.toString()), unopened);
    }

    private String sealed(Owner owner, String claim, String value) {
        JwsKeys ofRealm = keys.get().ofRealm(owner.realm());
        if (ofRealm == null) {
            throw new IllegalArgumentException("no such realm: " + owner.realm());
        }
        try {
            JWEObject jwe = new JWEObject(HEADER, new Payload(value));
            jwe.encrypt(new DirectEncrypter(ofRealm.signing().derived(owner.purpose(claim))));
            return jwe.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("every JRE has AES-GCM", e);
        }
    }

    private @Nullable String opened(Owner owner, String claim, String sealed) {
        JwsKeys ofRealm = keys.get().ofRealm(owner.realm());
        if (ofRealm == null) {
            return null;
        }
        for (JwsKey key : ofRealm.all()) {
            String value = key.canSign() ? opened(key.derived(owner.purpose(claim)), sealed) : null;
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private static @Nullable String opened(byte[] key, String sealed) {
        // what a stranger writes into a header is not even read
        if (!sealed.startsWith(START)) {
            return null;
        }
        try {
            JWEObject jwe = JWEObject.parse(sealed);
            jwe.decrypt(new DirectDecrypter(key));
            return jwe.getPayload().toString();
        } catch (KeyLengthException e) {
            throw new IllegalStateException("a derived key has 256 bits", e);
        } catch (ParseException | JOSEException e) {
            return null;
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
