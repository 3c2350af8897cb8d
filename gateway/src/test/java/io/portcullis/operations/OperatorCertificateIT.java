package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawBackend;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators with client certificates, made here; only {@code sessions} wants one. */
class OperatorCertificateIT {
    private static final String SID = ManagementPort.SESSIONS + "/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private static Path directory;

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TestGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        for (String name : List.of("gateway", "ada", "eve")) {
            generate(name);
        }
        trust("operators", "ada", "eve");
        trust("gateways", "gateway");
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        gateway = TestGateway.start(
                keys,
                backend.uri(),
                "management.server.ssl.key-store=" + store("gateway"),
                "management.server.ssl.key-store-password=changeit",
                "management.server.ssl.trust-store=" + store("operators"),
                "management.server.ssl.trust-store-password=changeit",
                "management.server.ssl.client-auth=want",
                "portcullis.operators.certificates=ada");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        backend.close();
        keys.close();
    }

    @Test
    void operatorsCertificateOpensTheEndpoint() throws Exception {
        assertThat(as("ada").get(SID).statusCode()).isEqualTo(404);
    }

    @Test
    void trustedCertificateOfAnotherDoesNot() throws Exception {
        assertThat(as("eve").get(SID).statusCode()).isEqualTo(401);
    }

    @Test
    void withoutACertificateOnlyTheOtherEndpointsAnswer() throws Exception {
        assertThat(as(null).get(SID).statusCode()).isEqualTo(403);
        assertThat(as(null).get("/actuator/health").statusCode()).isEqualTo(200);
        assertThat(as(null).get("/actuator/prometheus").statusCode()).isEqualTo(200);
    }

    private static ManagementPort as(@Nullable String name) throws GeneralSecurityException, IOException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(name == null ? null : load(store(name)), PASSWORD);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(load(store("gateways")));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
        return new ManagementPort(client, "https://127.0.0.1:" + gateway.managementPort(), new String[0]);
    }

    private static KeyStore load(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private static Path store(String name) {
        return directory.resolve(name + ".p12");
    }

    /** A key and a certificate that it signs itself. */
    private static void generate(String name) throws IOException, InterruptedException {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name + ",O=Example",
                "-ext",
                "san=ip:127.0.0.1",
                "-keystore",
                store(name).toString());
        keytool("-exportcert", "-alias", name, "-keystore", store(name).toString(), "-file", certificate(name));
    }

    private static void trust(String into, String... names) throws IOException, InterruptedException {
        for (String name : names) {
            keytool(
                    "-importcert",
                    "-noprompt",
                    "-alias",
                    name,
                    "-file",
                    certificate(name),
                    "-keystore",
                    store(into).toString());
        }
    }

    private static String certificate(String name) {
        return directory.resolve(name + ".cer").toString();
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", "changeit"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.txt").toFile())
                .start();
        assertThat(process.waitFor())
                .as(() -> text(directory.resolve("keytool.txt")))
                .isZero();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
