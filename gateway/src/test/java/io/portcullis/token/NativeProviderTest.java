package io.portcullis.token;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The provider is there where it can be, and where it cannot the log says so and all goes on. */
@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
class NativeProviderTest {
    private static final String UNPACKED_IN = "com.amazon.corretto.crypto.provider.tmpdir";

    private final Logger logger = (Logger) LoggerFactory.getLogger(NativeProvider.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        System.clearProperty(UNPACKED_IN);
    }

    private void assertSaidOnce(String part) {
        assertThat(log.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.INFO);
            assertThat(event.getFormattedMessage()).contains(part);
        });
    }

    @Test
    void itIsLoadedWhereItsLibraryRuns() {
        Provider provider = NativeProvider.load();

        assertThat(provider.getService("Signature", "Ed25519")).isNotNull();
        assertThat(provider.getService("KeyFactory", "Ed25519")).isNotNull();
        assertSaidOnce("are made by AmazonCorrettoCryptoProvider 2.");
    }

    @Test
    void libraryIsUnpackedAndLeavesNothing(@TempDir Path directory) throws IOException {
        System.setProperty(UNPACKED_IN, directory.toString());

        assertThat(NativeProvider.load()).isNotNull();

        try (var left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void libraryThatCannotBeUnpackedIsDoneWithout(@TempDir Path directory) throws IOException {
        System.setProperty(
                UNPACKED_IN, Files.createFile(directory.resolve("file")).toString());

        assertThat(NativeProvider.load()).isNull();

        assertSaidOnce("are made in Java, which takes longer: Unable to create temporary directory");
    }

    /** Both jars have the same classes: whose library is loaded depends on the jar that was chosen. */
    @Test
    void libraryOfAnotherProcessorIsDoneWithout() {
        Map<String, String> other = Map.of("amd64", "aarch64", "aarch64", "amd64");

        assertThat(NativeProvider.load("Linux", other.get(System.getProperty("os.arch"))))
                .isNull();

        assertSaidOnce("are made in Java, which takes longer: ");
        assertThat(log.list.get(0).getFormattedMessage()).contains("libamazonCorrettoCryptoProvider.so");
    }

    @Test
    void platformWithoutAJarIsDoneWithout() {
        assertThat(NativeProvider.load("Mac OS X", "aarch64")).isNull();

        assertSaidOnce("are made in Java, which takes longer: there is no native library for mac os x-aarch64");
    }
}
