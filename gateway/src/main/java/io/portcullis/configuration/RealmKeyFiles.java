package io.portcullis.configuration;

import io.portcullis.token.KeyFile;
import io.portcullis.token.RealmKeys;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;

/** The files with the keys of all realms, as they are at one moment. They are judged together, at the start and ever after. */
public final class RealmKeyFiles {
    private final Map<Path, KeyFile> files = new TreeMap<>();

    /** What the files hold. */
    public sealed interface Judgement {
        /**
         * Keys that can be used together.
         *
         * @param byRealm of every realm
         */
        record Usable(Map<String, RealmKeys> byRealm) implements Judgement {}

        /**
         * Files of which none may be used.
         *
         * @param problems everything that is wrong with them, by the names of their properties; never part of a key
         */
        record Refused(List<String> problems) implements Judgement {}
    }

    private RealmKeyFiles(Map<String, RealmProperties> realms) {
        realms.values().stream()
                .flatMap(realm -> Stream.of(
                        realm.accessTokenKeys(),
                        realm.refreshTokenKeys(),
                        realm.adoption().keys()))
                .filter(Objects::nonNull)
                .forEach(path -> files.computeIfAbsent(path, KeyFile::read));
    }

    /** Reads each once, also where several properties name it: blocking, small. */
    public static RealmKeyFiles read(Map<String, RealmProperties> realms) {
        return new RealmKeyFiles(realms);
    }

    /** The same for the same contents. It says nothing of them. */
    public String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.values().forEach(file -> file.addTo(digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JRE has SHA-256", e);
        }
    }

    /** What stands in the files, by all that is asked of them at the start. */
    public Judgement judge(ConfigurableEnvironment environment, Map<String, RealmProperties> realms) {
        List<String> problems = new ArrayList<>();
        Map<String, RealmKeys> keys = check(new PropertyLookup(environment), new TreeMap<>(realms), problems);
        return problems.isEmpty() ? new Judgement.Usable(keys) : new Judgement.Refused(List.copyOf(problems));
    }

    /**
     * The same, with what is wrong told to others.
     *
     * @return the keys of the realms that have what they need
     */
    Map<String, RealmKeys> check(PropertyLookup lookup, Map<String, RealmProperties> realms, List<String> problems) {
        Map<String, RealmKeys> keys = new RealmKeysCheck(lookup, this, problems).check(realms);
        BackendAdoptionCheck.toldApart(realms, keys, problems);
        return keys;
    }

    @Nullable
    KeyFile file(Path path) {
        return files.get(path);
    }
}
