package io.portcullis.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import io.portcullis.leaks.Secrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keys that were generated for this run, and the files that the gateway reads them from.
 *
 * @param accessTokenKey shared by the gateway and the demo backend; without a {@code kid}, as such backends have it
 * @param accessTokenKeys its JWK Set file
 * @param refreshTokenKeys the JWK Set file of the gateway's own key
 */
public record DemoKeys(OctetSequenceKey accessTokenKey, Path accessTokenKeys, Path refreshTokenKeys)
        implements AutoCloseable {

    public static DemoKeys generate() {
        try {
            Path directory = Files.createTempDirectory("portcullis-keys-");
            // deleted in the opposite order
            directory.toFile().deleteOnExit();
            OctetSequenceKey access = new OctetSequenceKeyGenerator(256)
                    .algorithm(JWSAlgorithm.HS256)
                    .generate();
            OctetSequenceKey refresh = new OctetSequenceKeyGenerator(256)
                    .algorithm(JWSAlgorithm.HS256)
                    .keyIDFromThumbprint(true)
                    .generate();
            Secrets.add(access.getKeyValue().toString());
            Secrets.add(refresh.getKeyValue().toString());
            return new DemoKeys(
                    access,
                    write(directory.resolve("access-token-keys.json"), access),
                    write(directory.resolve("refresh-token-keys.json"), refresh));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path write(Path file, OctetSequenceKey key) throws IOException {
        boolean publicKeysOnly = false;
        file.toFile().deleteOnExit();
        return Files.writeString(file, new JWKSet(key).toString(publicKeysOnly));
    }

    /** Deletes the files. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(accessTokenKeys);
            Files.deleteIfExists(refreshTokenKeys);
            Files.deleteIfExists(accessTokenKeys.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
