package io.portcullis.configuration;

import io.portcullis.configuration.PortcullisProperties.BackendRefreshProperties;
import io.portcullis.configuration.RealmProperties.AdoptionProperties;
import io.portcullis.token.RealmKeys;
import io.portcullis.token.RequiredClaims;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must be true where the backends are asked about refresh tokens: there is whom to ask, and the answer has one realm. */
final class BackendAdoptionCheck {
    private static final String URI_PROPERTY = "portcullis.adoption.backend-uri";
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int MOST_CALLS = 10_000;

    private final PropertyLookup lookup;
    private final List<String> problems;

    /** @param problems what is wrong goes there, a sentence each */
    BackendAdoptionCheck(PropertyLookup lookup, List<String> problems) {
        this.lookup = lookup;
        this.problems = problems;
    }

    void check(BackendRefreshProperties backends, boolean isLeaving, Map<String, RealmProperties> realms) {
        if (backends.timeout().compareTo(LONGEST) > 0) {
            problems.add(lookup.named("portcullis.adoption.timeout") + ": is longer than 30s");
        }
        if (backends.maxCalls() < 1 || backends.maxCalls() > MOST_CALLS) {
            problems.add(lookup.named("portcullis.adoption.max-calls") + ": is not between 1 and " + MOST_CALLS);
        }
        if (!lookup.isUnresolved(URI_PROPERTY)) {
            checkUri(backends, !adopting(realms).isEmpty(), isLeaving);
        }
        if (isLeaving) {
            realms.forEach(this::checkAdoptsNothing);
        }
    }

    /** Which realm a backend's answer belongs to must show in its access token: by its key, or by its claims. */
    static void toldApart(Map<String, RealmProperties> realms, Map<String, RealmKeys> keys, List<String> problems) {
        List<Map.Entry<String, RealmProperties>> adopting = adopting(realms);
        for (int i = 0; i < adopting.size(); i++) {
            for (int j = i + 1; j < adopting.size(); j++) {
                Set<String> ones = accessTokenKeys(keys.get(adopting.get(i).getKey()));
                Set<String> others = accessTokenKeys(keys.get(adopting.get(j).getKey()));
                if (!Collections.disjoint(ones, others)) {
                    toldApart(adopting.get(i), adopting.get(j), problems);
                }
            }
        }
    }

    private static List<Map.Entry<String, RealmProperties>> adopting(Map<String, RealmProperties> realms) {
        return realms.entrySet().stream()
                .filter(realm -> realm.getValue().adoption().mode() == AdoptionProperties.Mode.BACKEND)
                .toList();
    }

    private static Set<String> accessTokenKeys(@Nullable RealmKeys keys) {
        return keys == null ? Set.of() : keys.accessTokens().thumbprints();
    }

    private void checkAdoptsNothing(String name, RealmProperties realm) {
        if (realm.adoption().mode() != AdoptionProperties.Mode.OFF) {
            problems.add(lookup.named("portcullis.realms." + name + ".adoption.mode")
                    + ": is not off, and portcullis.leaving opens no session");
        }
    }

    private void checkUri(BackendRefreshProperties backends, boolean isAdopting, boolean isLeaving) {
        String value = backends.backendUri();
        if (value == null || value.isBlank()) {
            if (isAdopting) {
                problems.add(URI_PROPERTY + ": is not set, and a realm's adoption.mode is backend");
            }
            if (isLeaving) {
                problems.add(URI_PROPERTY + ": is not set, and portcullis.leaving needs it");
            }
        } else if (!isEndpoint(value.trim())) {
            // the value may hold a password
            problems.add(lookup.named(URI_PROPERTY)
                    + ": is not the URL of a refresh endpoint; http://host[:port]/path, without a user");
        }
    }

    private static boolean isEndpoint(String value) {
        try {
            URI uri = new URI(value);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPort() <= 65535
                    && uri.getRawPath().length() > 1
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** The realm that requires more has a token that fits both; where both require as much, none may fit both. */
    private static void toldApart(
            Map.Entry<String, RealmProperties> one, Map.Entry<String, RealmProperties> other, List<String> problems) {
        RequiredClaims ones = new RequiredClaims(one.getValue().adoption().requiredClaims());
        RequiredClaims others = new RequiredClaims(other.getValue().adoption().requiredClaims());
        boolean asMuch = ones.values().size() == others.values().size();
        if (asMuch && ones.canHoldWith(others)) {
            problems.add("portcullis.realms." + other.getKey()
                    + ".adoption.required-claims: an access token can say this" + " and what realm " + one.getKey()
                    + " requires, which is as much: its realm cannot be told");
        }
    }
}
