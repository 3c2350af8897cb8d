package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.portcullis.configuration.InvalidConfigurationException;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.RealmKeyFiles;
import io.portcullis.operations.CapturedLog;
import io.portcullis.operations.KeyEvents;
import io.portcullis.token.RealmKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** What becomes of the keys when their files change: in whatever way, whole or broken, together or one by one. */
class RollingKeysTest {
    private static final JWK FIRST = Jwks.generate("HS256");
    private static final JWK SECOND = Jwks.generate("ES256");
    private static final JWK ACCESS = Jwks.generate("HS256");
    private static final JWK OTHER_ACCESS = Jwks.generate("EdDSA");

    @TempDir
    private Path directory;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private CapturedLog log;

    @BeforeEach
    void capture() {
        log = CapturedLog.of("portcullis.events", Level.INFO);
    }

    @AfterEach
    void release() {
        log.close();
    }

    private RollingKeys rolling(Path access, Path refresh) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "test",
                        Map.of(
                                "portcullis.realms.app.access-token-keys", access.toString(),
                                "portcullis.realms.app.refresh-token-keys", refresh.toString())));
        PortcullisProperties properties =
                Binder.get(environment).bindOrCreate("portcullis", PortcullisProperties.class);
        return new RollingKeys(
                () -> RealmKeyFiles.read(properties.realms()),
                files -> files.judge(environment, properties.realms()),
                new KeyEvents(meters, InstantSource.system()),
                Duration.ofHours(1));
    }

    private RollingKeys rolling() throws IOException {
        Files.writeString(access(), Jwks.set(ACCESS));
        Files.writeString(refresh(), Jwks.set(FIRST));
        return rolling(access(), refresh());
    }

    private Path access() {
        return directory.resolve("access.json");
    }

    private Path refresh() {
        return directory.resolve("refresh.json");
    }

    private static List<String> refreshKeys(RollingKeys rolling) {
        return of(rolling).refreshTokens().names();
    }

    private static List<String> accessKeys(RollingKeys rolling) {
        return of(rolling).accessTokens().names();
    }

    private static RealmKeys of(RollingKeys rolling) {
        return rolling.keys().byRealm().get("app");
    }

    private double refused() {
        return meters.get("portcullis.keys.refused").gauge().value();
    }

    private List<ILoggingEvent> lines(Level level) {
        return log.lines().stream().filter(line -> line.getLevel() == level).toList();
    }

    private static Stream<String> cannotBeUsed() {
        OctetSequenceKey weak = new OctetSequenceKey.Builder(new byte[] {1, 2, 3}).build();
        return Stream.of(
                "",
                "{",
                "{\"keys\":[]}",
                "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n",
                Jwks.set(weak),
                Jwks.set(FIRST, FIRST),
                Jwks.set(ACCESS),
                Jwks.set(SECOND.toPublicJWK(), FIRST),
                Jwks.set(FIRST).replace("HS256", "HS512"),
                Jwks.set(FIRST).replace("\"sig\"", "\"enc\""));
    }

    @Test
    void fileThatIsOverwrittenIsRead() throws IOException {
        RollingKeys rolling = rolling();

        Files.writeString(refresh(), Jwks.set(FIRST, SECOND));
        rolling.look();
        List<String> added = refreshKeys(rolling);
        Files.writeString(refresh(), Jwks.set(SECOND, FIRST));
        rolling.look();
        List<String> promoted = refreshKeys(rolling);
        Files.writeString(refresh(), Jwks.set(SECOND));
        rolling.look();

        assertThat(added).containsExactly(FIRST.getKeyID(), SECOND.getKeyID());
        assertThat(promoted).containsExactly(SECOND.getKeyID(), FIRST.getKeyID());
        assertThat(refreshKeys(rolling)).containsExactly(SECOND.getKeyID());
    }

    @Test
    void fileThatIsReplacedIsRead() throws IOException {
        RollingKeys rolling = rolling();

        Path other = Files.writeString(directory.resolve("refresh.json.new"), Jwks.set(SECOND));
        Files.move(other, refresh(), StandardCopyOption.ATOMIC_MOVE);
        rolling.look();

        assertThat(refreshKeys(rolling)).containsExactly(SECOND.getKeyID());
    }

    @Test
    @SecurityLine(21)
    void linkThatKubernetesSwapsIsFollowed() {
        MountedKeys mounted = MountedKeys.of(directory, Jwks.set(ACCESS), Jwks.set(FIRST));
        RollingKeys rolling = rolling(mounted.file(MountedKeys.ACCESS), mounted.file(MountedKeys.REFRESH));

        mounted.put(Jwks.set(OTHER_ACCESS), Jwks.set(SECOND));
        rolling.look();

        assertThat(accessKeys(rolling)).containsExactly(OTHER_ACCESS.getKeyID());
        assertThat(refreshKeys(rolling)).containsExactly(SECOND.getKeyID());
    }

    @Test
    void whatHasNotChangedIsNotTaken() throws IOException {
        RollingKeys rolling = rolling();
        Map<String, RealmKeys> before = rolling.keys().byRealm();

        rolling.look();
        Files.writeString(refresh(), Jwks.set(FIRST));
        rolling.look();

        assertThat(rolling.keys().byRealm()).isSameAs(before);
        assertThat(log.lines()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("cannotBeUsed")
    void fileThatCannotBeUsedLeavesTheKeysAndIsToldOnceAndRaisesTheAlarm(String text) throws IOException {
        RollingKeys rolling = rolling();

        Files.writeString(refresh(), text);
        for (int i = 0; i < 5; i++) {
            rolling.look();
        }

        assertThat(refreshKeys(rolling)).containsExactly(FIRST.getKeyID());
        assertThat(refused()).isEqualTo(1);
        assertThat(lines(Level.ERROR))
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage())
                        .contains("Key files refused", "portcullis.realms.app.refresh-token-keys: "));
    }

    @Test
    void fileThatIsGoneLeavesTheKeysUntilItIsBack() throws IOException {
        RollingKeys rolling = rolling();

        Files.delete(refresh());
        rolling.look();
        rolling.look();
        double whileGone = refused();
        Files.writeString(refresh(), Jwks.set(FIRST));
        rolling.look();

        assertThat(whileGone).isEqualTo(1);
        assertThat(refused()).isZero();
        assertThat(refreshKeys(rolling)).containsExactly(FIRST.getKeyID());
        assertThat(lines(Level.ERROR))
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage()).contains("NoSuchFileException"));
        assertThat(lines(Level.INFO))
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage()).contains("Key files are as before again"));
    }

    @Test
    void fileThatIsBeingWrittenRaisesNoAlarm() throws IOException {
        RollingKeys rolling = rolling();
        String whole = Jwks.set(SECOND);

        Files.writeString(refresh(), "");
        rolling.look();
        Files.writeString(refresh(), whole.substring(0, 40));
        rolling.look();
        Files.writeString(refresh(), whole);
        rolling.look();

        assertThat(refreshKeys(rolling)).containsExactly(SECOND.getKeyID());
        assertThat(refused()).isZero();
        assertThat(lines(Level.ERROR)).isEmpty();
    }

    @Test
    void eachOtherBrokenContentIsToldAnew() throws IOException {
        RollingKeys rolling = rolling();

        for (String text : List.of("{", "[", "{")) {
            Files.writeString(refresh(), text);
            rolling.look();
            rolling.look();
        }

        assertThat(lines(Level.ERROR)).hasSize(3);
    }

    @Test
    void noFileIsTakenWithoutTheOthers() throws IOException {
        RollingKeys rolling = rolling();

        // two Secrets arrive one after the other: what was a refresh-token key is to sign access tokens
        Files.writeString(access(), Jwks.set(FIRST));
        rolling.look();
        rolling.look();
        List<String> accessMeanwhile = accessKeys(rolling);
        double refusedMeanwhile = refused();
        Files.writeString(refresh(), Jwks.set(SECOND));
        rolling.look();

        assertThat(accessMeanwhile).containsExactly(ACCESS.getKeyID());
        assertThat(refusedMeanwhile).isEqualTo(1);
        assertThat(accessKeys(rolling)).containsExactly(FIRST.getKeyID());
        assertThat(refreshKeys(rolling)).containsExactly(SECOND.getKeyID());
        assertThat(refused()).isZero();
    }

    @Test
    void whatIsToldIsNoKey() throws IOException {
        RollingKeys rolling = rolling();
        String refused = Jwks.set(new OctetSequenceKey.Builder("hunter2-hunter2".getBytes()).build());

        Files.writeString(refresh(), refused);
        rolling.look();
        rolling.look();
        Files.writeString(refresh(), Jwks.set(SECOND));
        rolling.look();

        String told = log.lines().stream()
                .map(line -> line.getFormattedMessage() + line.getKeyValuePairs())
                .collect(Collectors.joining());
        assertThat(told).contains(SECOND.getKeyID());
        for (JWK key : List.of(FIRST, SECOND, ACCESS)) {
            assertThat(told).doesNotContain(secret(key));
        }
        assertThat(told).doesNotContain("aHVudGVyMi");
    }

    private static String secret(JWK key) {
        Map<String, Object> members = key.toJSONObject();
        return members.getOrDefault("k", members.get("d")).toString();
    }

    @Test
    void metersNameTheKeysThatAreInUse() throws IOException {
        RollingKeys rolling = rolling();

        Files.writeString(refresh(), Jwks.set(SECOND, FIRST));
        rolling.look();

        assertThat(meters.get("portcullis.keys.known").gauges().stream()
                        .map(Gauge::getId)
                        .map(id -> id.getTag("realm") + " " + id.getTag("purpose") + " " + id.getTag("kid") + " "
                                + id.getTag("signs")))
                .containsExactlyInAnyOrder(
                        "app access " + ACCESS.getKeyID() + " true",
                        "app refresh " + SECOND.getKeyID() + " true",
                        "app refresh " + FIRST.getKeyID() + " false");
    }

    @Test
    @SecurityLine(20)
    void keysThatCannotBeUsedAtTheStartStopIt() throws IOException {
        Files.writeString(access(), Jwks.set(ACCESS));
        Files.writeString(refresh(), Jwks.set(ACCESS));

        assertThatThrownBy(() -> rolling(access(), refresh()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("a key has one purpose");
    }
}
