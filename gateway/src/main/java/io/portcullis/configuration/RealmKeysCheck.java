package io.portcullis.configuration;

import io.portcullis.configuration.RealmProperties.AdoptionProperties;
import io.portcullis.token.JwkSetFile;
import io.portcullis.token.JwkSetFile.Content;
import io.portcullis.token.JwkSetFile.Keys;
import io.portcullis.token.JwkSetFile.Unusable;
import io.portcullis.token.JwsKeys;
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
    private final List<String> problems;

    /** @param problems what is wrong goes there, a sentence each */
    RealmKeysCheck(PropertyLookup lookup, List<String> problems) {
        this.lookup = lookup;
        this.problems = problems;
    }

    void check(Map<String, RealmProperties> realms) {
        Map<String, String> accessKeys = new HashMap<>();
        Map<String, String> refreshKeys = new HashMap<>();
        Map<String, String> refreshKeyIds = new HashMap<>();
        realms.forEach((realm, values) -> {
            JwsKeys access = read(property(realm, "access-token-keys"), values.accessTokenKeys(), JwkSetFile::read);
            if (access != null) {
                access.thumbprints().forEach(thumbprint -> accessKeys.put(thumbprint, realm));
            }
        });
        realms.forEach((realm, values) -> {
            String property = property(realm, "refresh-token-keys");
            JwsKeys refresh = read(property, values.refreshTokenKeys(), JwkSetFile::read);
            if (refresh != null) {
                refresh.thumbprints().forEach(thumbprint -> refreshKeys.put(thumbprint, realm));
                onePurpose(property, refresh, accessKeys, "access-token-keys");
                refresh.keyIds().forEach((keyId, thumbprint) -> {
                    String known = refreshKeyIds.putIfAbsent(keyId, thumbprint);
                    if (known != null && !known.equals(thumbprint)) {
                        problems.add(lookup.named(property) + ": has another key with the kid " + keyId
                                + " than another realm");
                    }
                });
            }
        });
        checkAdoption(realms, accessKeys, refreshKeys);
    }

    private void checkAdoption(
            Map<String, RealmProperties> realms, Map<String, String> accessKeys, Map<String, String> refreshKeys) {
        Map<String, Map<String, String>> claimsByKey = new HashMap<>();
        realms.forEach((realm, values) -> {
            AdoptionProperties adoption = values.adoption();
            if (adoption.mode() != AdoptionProperties.Mode.VERIFY) {
                return;
            }
            String property = property(realm, "adoption.keys");
            JwsKeys keys = read(property, adoption.keys(), JwkSetFile::readToVerify);
            if (keys == null) {
                return;
            }
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

    private @Nullable JwsKeys read(String property, @Nullable Path file, Function<Path, Content> reader) {
        if (lookup.isUnresolved(property)) {
            return null;
        }
        if (lookup.value(property) == null) {
            problems.add(lookup.named(property) + ": is not set");
            return null;
        }
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
