package io.portcullis.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSObject;
import io.portcullis.fuzz.LenientJson;
import io.portcullis.fuzz.StrictJson;
import java.text.ParseException;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What backends make of a compact JWS that look less closely than the gateway does; none of the gateway's code. */
final class LenientTokens {
    /** What decides anything about a token. */
    private static final List<String> NAMES =
            List.of("sub", "sid", "iss", "aud", "type", "alg", "kid", "typ", "exp", "id");

    private LenientTokens() {}

    static ObjectNode header(String token) {
        return object(token, 0);
    }

    static ObjectNode claims(String token) {
        return object(token, 1);
    }

    private static ObjectNode object(String token, int part) {
        ObjectNode object = StrictJson.object(Base64.getUrlDecoder().decode(token.split("\\.", -1)[part]));
        assertThat(object).as("part %d of %s has one reading", part, token).isNotNull();
        return object;
    }

    /** Fails where two of them see two different tokens. */
    static void allReadAlike(String token) {
        String[] parts = token.split("\\.", -1);
        assertThat(parts).hasSize(3);
        assertThat(token).doesNotContainAnyWhitespaces().doesNotContain("=");
        for (int part = 0; part < parts.length; part++) {
            byte[] bytes = Base64.getUrlDecoder().decode(parts[part]);
            // passes over what is not in its alphabet, and takes padding
            assertThat(Base64.getMimeDecoder()
                            .decode(parts[part].replace('-', '+').replace('_', '/')))
                    .isEqualTo(bytes);
            assertThat(RawJws.encode(bytes)).isEqualTo(parts[part]);
        }
        for (int part = 0; part < 2; part++) {
            ObjectNode strict = object(token, part);
            byte[] json = Base64.getUrlDecoder().decode(parts[part]);
            for (String name : NAMES) {
                if (strict.get(name) != null && strict.get(name).isString()) {
                    assertThat(LenientJson.exactReadings(json, name))
                            .as(name)
                            .containsOnly(strict.get(name).asString());
                }
            }
        }
        nimbusReadsAlike(token);
    }

    private static void nimbusReadsAlike(String token) {
        try {
            JWSObject jws = JWSObject.parse(token);
            assertThat(jws.getPayload().toString())
                    .isEqualTo(new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), UTF_8));
            assertThat(jws.getHeader().getAlgorithm().getName()).isEqualTo(StrictJson.text(header(token), "alg"));
            assertThat(jws.getHeader().getKeyID() == null ? "" : jws.getHeader().getKeyID())
                    .isEqualTo(header(token).path("kid").asString(""));
        } catch (ParseException refused) {
            // it has no other reading of it
        }
    }
}
