package io.portcullis.token;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.security.Provider;
import java.util.Collections;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Amazon Corretto Crypto Provider: AWS-LC behind JCA, at signatures several times as fast as the JDK. Whoever wants it names
 * it; it is never installed, so TLS and random numbers stay the JDK's.
 *
 * <p>There is a jar for each platform, and all have the same classes, which load the library that stands beside them. On one
 * class path that is always the first jar's, so this platform's jar is given a class loader of its own.
 */
final class NativeProvider {
    private static final Logger log = LoggerFactory.getLogger(NativeProvider.class);

    private static final String PACKAGE = "com.amazon.corretto.crypto.provider.";
    private static final String FOUND_BY = "com/amazon/corretto/crypto/provider/version.properties";

    private NativeProvider() {}

    /** Loads it and says in the log whether it could: blocking, some 250 ms. Null where it cannot run. */
    static @Nullable Provider load() {
        return load(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /** The same as {@link System#getProperty} would say of another platform. */
    static @Nullable Provider load(String system, String architecture) {
        try {
            Provider provider = load(jar(system, architecture));
            log.info("Signatures of EC, RSA and Ed25519 keys are made by {}", provider.getInfo());
            return provider;
        } catch (IOException | ReflectiveOperationException | LinkageError e) {
            log.info("Signatures of EC, RSA and Ed25519 keys are made in Java, which takes longer: {}", e.getMessage());
            return null;
        }
    }

    /** Where the jar is: in a folder, or inside of Spring Boot's jar. */
    private static URL jar(String system, String architecture) throws IOException {
        String platform = system.toLowerCase(Locale.ROOT) + '-' + architecture;
        String classifier = platform.replace("amd64", "x86_64").replace("aarch64", "aarch_64");
        for (URL found : Collections.list(NativeProvider.class.getClassLoader().getResources(FOUND_BY))) {
            String inside = found.toString();
            if (inside.contains('-' + classifier + ".jar!")) {
                return URI.create(inside.substring(0, inside.length() - FOUND_BY.length()))
                        .toURL();
            }
        }
        throw new UnsatisfiedLinkError("there is no native library for " + platform);
    }

    private static Provider load(URL jar) throws IOException, ReflectiveOperationException {
        // off by default, for the sake of TLS where the provider is installed
        System.setProperty(PACKAGE + "registerEdKeyFactory", "true");
        URLClassLoader loader = new URLClassLoader(new URL[] {jar}, ClassLoader.getPlatformClassLoader());
        Provider provider = (Provider) loader.loadClass(PACKAGE + "AmazonCorrettoCryptoProvider")
                .getDeclaredConstructor()
                .newInstance();
        if (provider.getClass().getMethod("getLoadingError").invoke(provider) instanceof Throwable error) {
            loader.close();
            throw new UnsatisfiedLinkError(String.valueOf(error.getMessage()));
        }
        return provider;
    }
}
