package io.portcullis.configuration;

import io.portcullis.configuration.RealmProperties.AdoptionProperties;
import io.portcullis.token.JwkSetFile.Content;
import io.portcullis.token.JwkSetFile.Keys;
import io.portcullis.token.JwkSetFile.Unusable;
import io.portcullis.token.JwsKeys;
import io.portcullis.token.KeyFile;
import io.portcullis.token.RealmKeys;
import io.portcullis.token.RequiredClaims;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What must be true of the realms' keys: each can be used, has one purpose, and tells what it is to tell. */
final class RealmKeysCheck {
    private final PropertyLookup lookup;
    private final RealmKeyFiles files;
    private final List<String> problems;

    /** @param problems what is wrong goes there, a sentence each */
    RealmKeysCheck(PropertyLookup lookup, RealmKeyFiles files, List<String> problems) {
        this.lookup = lookup;
        this.files = files;
        this.problems = problems;
    }

    /**
     * Judges them all.
     *
     * @return the keys of the realms that have what they need
     */
    Map<String, RealmKeys> check(Map<String, RealmProperties> realms) {
        Map<String, JwsKeys> access = new HashMap<>();
        Map<String, JwsKeys> refresh = new HashMap<>();
        Map<String, String> accessKeys = new HashMap<>();
        Map<String, String> refreshKeys = new HashMap<>();
        Map<String, String> publishedKeyIds = new HashMap<>();
        Map<String, String> refreshKeyIds = new HashMap<>();
        realms.forEach((realm, values) -> {
            String property = property(realm, "access-token-keys");
            JwsKeys keys = read(property, values.accessTokenKeys(), KeyFile::keys);
            if (keys != null) {
                access.put(realm, keys);
                keys.thumbprints().forEach(thumbprint -> accessKeys.put(thumbprint, realm));
                oneKeyAKeyId(property, keys.publishedKeyIds(), publishedKeyIds);
            }
        });
        realms.forEach((realm, values) -> {
            String property = property(realm, "refresh-token-keys");
            JwsKeys keys = read(property, values.refreshTokenKeys(), KeyFile::keys);
            if (keys != null) {
                refresh.put(realm, keys);
                keys.thumbprints().forEach(thumbprint -> refreshKeys.put(thumbprint, realm));
                onePurpose(property, keys, accessKeys, "access-token-keys");
                oneKeyAKeyId(property, keys.keyIds(), refreshKeyIds);
            }
        });
        Map<String, JwsKeys> adoption = checkAdoption(realms, accessKeys, refreshKeys);
        Map<String, RealmKeys> byRealm = new HashMap<>();
        access.forEach((realm, keys) -> {
            JwsKeys own = refresh.get(realm);
            if (own != null) {
                byRealm.put(realm, new RealmKeys(keys, own, adoption.get(realm)));
            }
        });
        return byRealm;
    }

    /**
     * Whoever looks a key up by its {@code kid} finds one.
     *
     * @param known thumbprints by {@code kid}, of the realms before, which this one's are added to
     */
    private void oneKeyAKeyId(String property, Map<String, String> keyIds, Map<String, String> known) {
        keyIds.forEach((keyId, thumbprint) -> {
            String other = known.putIfAbsent(keyId, thumbprint);
            if (other != null && !other.equals(thumbprint)) {
                problems.add(
                        lookup.named(property) + ": has another key with the kid " + keyId + " than another realm");
            }
        });
    }

    private Map<String, JwsKeys> checkAdoption(
            Map<String, RealmProperties> realms, Map<String, String> accessKeys, Map<String, String> refreshKeys) {
        Map<String, JwsKeys> read = new HashMap<>();
        Map<String, Map<String, String>> claimsByKey = new HashMap<>();
        realms.forEach((realm, values) -> {
            AdoptionProperties adoption = values.adoption();
            if (adoption.mode() != AdoptionProperties.Mode.VERIFY) {
                return;
            }
            String property = property(realm, "adoption.keys");
            JwsKeys keys = read(property, adoption.keys(), KeyFile::keysToVerify);
            if (keys == null) {
                return;
            }
            read.put(realm, keys);
            onePurpose(property, keys, refreshKeys, "refresh-token-keys");
            boolean ofTheirOwn = keys.thumbprints().stream().noneMatch(accessKeys::containsKey);
            boolean toldApart =
                    adoption.requiredClaims().values().stream().anyMatch(v -> !v.equals(RequiredClaims.ANY));
            if (!ofTheirOwn && !toldApart) {
                problems.add(lookup.named(property) + ": has a key that signs access tokens too, and required-claims"
                        + " names no value that only a refresh token has: a stolen access token would be adopted");
            }
            for (String thumbprint : keys.thumbprints()) {
                Map<String, String> known = claimsByKey.putIfAbsent(thumbprint, adoption.requiredClaims());
                if (known != null && known.equals(adoption.requiredClaims())) {
                    problems.add(
                            lookup.named(property)
                                    + ": is another realm's too, and so are the required-claims: a token's realm cannot be told");
                }
            }
        });
        return read;
    }

    private void onePurpose(String property, JwsKeys keys, Map<String, String> others, String otherPurpose) {
        for (String thumbprint : keys.thumbprints()) {
            String realm = others.get(thumbprint);
            if (realm != null) {
                problems.add(lookup.named(property) + ": holds a key of " + property(realm, otherPurpose)
                        + "; a key has one purpose");
            }
        }
    }

    private @Nullable JwsKeys read(String property, @Nullable Path path, Function<KeyFile, Content> reader) {
        if (lookup.isUnresolved(property)) {
            return null;
        }
        if (lookup.value(property) == null) {
            problems.add(lookup.named(property) + ": is not set");
            return null;
        }
        KeyFile file = path == null ? null : files.file(path);
        if (file == null) {
            // it could not be bound, which has been said
            return null;
        }
        Content content = reader.apply(file);
        if (content instanceof Unusable unusable) {
            unusable.problems().forEach(problem -> problems.add(lookup.named(property) + ": " + problem));
        }
        return content instanceof Keys keys ? keys.keys() : null;
    }

    private static String property(String realm, String name) {
        return "portcullis.realms." + realm + "." + name;
    }
}
