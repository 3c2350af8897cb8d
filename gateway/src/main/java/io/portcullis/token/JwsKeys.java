package io.portcullis.token;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys of one purpose: the first signs, if it can, and all verify. */
public final class JwsKeys {
    private final List<JwsKey> keys;

    /** Takes at least one key. */
    JwsKeys(List<JwsKey> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("no keys");
        }
        this.keys = List.copyOf(keys);
    }

    JwsKey signing() {
        return keys.get(0);
    }

    List<JwsKey> all() {
        return keys;
    }

    /**
     * Whether one of the keys that may have signed a token verifies it.
     *
     * @param algorithm as the token's header says
     * @param keyId as the token's header says; a key without one is tried for every token, and every key for a token
     *     without one
     */
    boolean verify(CompactJws jws, String algorithm, @Nullable String keyId) {
        for (JwsKey key : keys) {
            boolean mayBe = keyId == null || key.keyId() == null || keyId.equals(key.keyId());
            if (mayBe && key.algorithm().equals(algorithm) && key.verifies(jws)) {
                return true;
            }
        }
        return false;
    }

    /** RFC 7638 thumbprints: the same for the same key. */
    public Set<String> thumbprints() {
        return keys.stream().map(JwsKey::thumbprint).collect(Collectors.toUnmodifiableSet());
    }

    /** Thumbprints by {@code kid}; a key without one goes by its thumbprint. */
    public Map<String, String> keyIds() {
        return keys.stream().collect(Collectors.toUnmodifiableMap(JwsKey::keyIdOrThumbprint, JwsKey::thumbprint));
    }

    /** Each key's {@code kid}, or its thumbprint, in their order. */
    public List<String> names() {
        return keys.stream().map(JwsKey::keyIdOrThumbprint).toList();
    }

    /** Whether the other ones are the same keys, for the same algorithms, in the same order. */
    public boolean isSameAs(@Nullable JwsKeys other) {
        return other != null
                && thumbprintsInOrder().equals(other.thumbprintsInOrder())
                && toString().equals(other.toString());
    }

    private List<String> thumbprintsInOrder() {
        return keys.stream().map(JwsKey::thumbprint).toList();
    }

    /** The same of those that have a public half. */
    public Map<String, String> publishedKeyIds() {
        return keys.stream()
                .filter(key -> key.publicJwk() != null)
                .collect(Collectors.toUnmodifiableMap(JwsKey::keyIdOrThumbprint, JwsKey::thumbprint));
    }

    @Override
    public String toString() {
        return keys.toString();
    }
}
