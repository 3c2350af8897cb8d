package io.portcullis.token;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The gateway's own keys, each with the one header that tokens signed by it have: a closed map of encoded headers says which
 * key verifies.
 */
public final class RefreshTokenKeys {
    private final Map<String, JwsKeys> byRealm;
    private final Map<String, Signer> signers = new HashMap<>();
    private final Map<String, Verifier> verifiers = new HashMap<>();

    /** @param fixedLength of a token without its payload: a key's signatures are all as long */
    record Signer(String headerSegment, JwsKey key, int fixedLength) {
        static Signer of(JwsKey key) {
            String segment = RefreshTokenKeys.headerSegment(key);
            return new Signer(segment, key, key.sign(segment, "").length());
        }
    }

    /** @param realms whose tokens the key may sign */
    record Verifier(JwsKey key, Set<String> realms) {}

    /**
     * The keys of all realms, since only the token says which it belongs to.
     *
     * @param byRealm realms may share them
     * @throws IllegalArgumentException if two different keys have the same {@code kid}
     */
    public RefreshTokenKeys(Map<String, JwsKeys> byRealm) {
        this.byRealm = Map.copyOf(byRealm);
        byRealm.forEach((realm, set) -> {
            signers.put(realm, Signer.of(set.signing()));
            for (JwsKey key : set.all()) {
                verifiers.merge(headerSegment(key), new Verifier(key, Set.of(realm)), RefreshTokenKeys::merge);
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
        StringBuilder header =
                new StringBuilder("{\"alg\":\"").append(key.algorithm()).append("\",\"typ\":\"rt+jwt\",\"kid\":\"");
        JsonStringEncoder.getInstance().quoteAsString(key.keyIdOrThumbprint(), header);
        return CompactJws.encode(header.append("\"}").toString());
    }

    /** What mints the realm's tokens. */
    Signer signer(String realm) {
        Signer signer = signers.get(realm);
        if (signer == null) {
            throw new IllegalArgumentException("no such realm: " + realm);
        }
        return signer;
    }

    /** What verifies tokens with that header; null if nothing does. */
    @Nullable
    Verifier verifier(String headerSegment) {
        return verifiers.get(headerSegment);
    }

    /** The keys of a realm; null if there is no such realm. */
    @Nullable
    JwsKeys ofRealm(String realm) {
        return byRealm.get(realm);
    }
}
