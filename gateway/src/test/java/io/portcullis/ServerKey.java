package io.portcullis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** A TLS key for 127.0.0.1 that was made for this test, with a certificate that it signed itself. */
public final class ServerKey implements AutoCloseable {
    private static final String PASSWORD = "changeit";

    private final Path directory;

    private ServerKey(Path directory) {
        this.directory = directory;
    }

    /** Makes one with the JDK's keytool. */
    public static ServerKey generate() {
        try {
            ServerKey key = new ServerKey(Files.createTempDirectory("server-key-"));
            String keytool =
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
            Process process = new ProcessBuilder(Stream.concat(
                                    Stream.of(keytool, "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1"),
                                    Stream.of(
                                            "-alias",
                                            "server",
                                            "-dname",
                                            "CN=127.0.0.1",
                                            "-ext",
                                            "san=ip:127.0.0.1",
                                            "-storetype",
                                            "PKCS12",
                                            "-storepass",
                                            PASSWORD,
                                            "-keystore",
                                            key.file().toString()))
                            .toList())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new IllegalStateException(output);
            }
            return key;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Path file() {
        return directory.resolve("server.p12");
    }

    /** What makes the gateway serve TLS with it. */
    public List<String> properties() {
        return List.of(
                "server.ssl.key-store=" + file(),
                "server.ssl.key-store-type=PKCS12",
                "server.ssl.key-store-password=" + PASSWORD);
    }

    /** The key and its certificate as servers read them that are not written in Java. */
    String pem() {
        try {
            return pem(
                            "PRIVATE KEY",
                            store().getKey("server", PASSWORD.toCharArray()).getEncoded())
                    + certificate();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What those are given that are to trust it and are not written in Java. */
    String certificate() {
        try {
            return pem("CERTIFICATE", store().getCertificate("server").getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String what, byte[] encoded) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(encoded) + "\n-----END " + what
                + "-----\n";
    }

    private KeyStore store() throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file())) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            return store;
        }
    }

    /** Trusts this key and no other. */
    public X509TrustManager trustManager() {
        try {
            KeyStore store = store();
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("server", store.getCertificate("server"));
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(trusted);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For clients that are to trust it. */
    public SSLContext clientContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trustManager()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            Files.delete(file());
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
