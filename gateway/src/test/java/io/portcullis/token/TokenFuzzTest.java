package io.portcullis.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.portcullis.fuzz.FuzzContract;
import io.portcullis.fuzz.StrictJson;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.token.AdoptionCheck.Adoptable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens. An input is a letter and what it is about: {@code p} a token as presented, whole; {@code r} the header, a line break and
 * the payload of one that is signed with the gateway's key for refresh tokens; {@code a} and {@code b} the
 * same with a backend's key for access tokens, and for refresh tokens.
 */
public final class TokenFuzzTest extends FuzzContract {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);
    private static final byte[] REFRESH_SECRET = secret(1);
    private static final byte[] ACCESS_SECRET = secret(2);
    private static final byte[] ADOPTION_SECRET = secret(3);

    private static final String OURS = "{\"alg\":\"HS256\",\"typ\":\"rt+jwt\",\"kid\":\"r-1\"}";

    private static final RefreshTokenCodec REFRESH = new RefreshTokenCodec(
            "portcullis",
            SampleKeys.current(Map.of(
                    "app", SampleKeys.keys(key(REFRESH_SECRET, "r-1")),
                    "dashboard", SampleKeys.keys(key(REFRESH_SECRET, "r-1")))),
            Duration.ZERO,
            CLOCK);

    private static final AccessTokenCodec ACCESS =
            new AccessTokenCodec("app", keys(ACCESS_SECRET), Duration.ZERO, CLOCK);
    private static final AdoptionCodec ADOPTION = new AdoptionCodec(
            "app", keys(ADOPTION_SECRET), new RequiredClaims(Map.of("type", "refresh")), Duration.ZERO, CLOCK);

    /** All that anybody signs who holds a key; the seeds have them too. */
    private static final Set<String> SIGNED = Stream.of(
                    refreshTokens(), backendTokens(ACCESS_SECRET), backendTokens(ADOPTION_SECRET))
            .flatMap(tokens -> tokens)
            .collect(Collectors.toUnmodifiableSet());

    TokenFuzzTest() {
        super("token", TokenFuzzTest::fuzzerTestOneInput);
    }

    private static byte[] secret(int number) {
        byte[] secret = new byte[32];
        for (int i = 0; i < secret.length; i++) {
            secret[i] = (byte) (i * 41 + number * 59);
        }
        return secret;
    }

    private static OctetSequenceKey key(byte[] secret, String keyId) {
        return new OctetSequenceKey.Builder(secret)
                .algorithm(JWSAlgorithm.HS256)
                .keyID(keyId)
                .build();
    }

    private static Supplier<JwsKeys> keys(byte[] secret) {
        return SampleKeys.current(key(secret, null));
    }

    private static Stream<String> refreshTokens() {
        return IntStream.range(0, 4)
                .mapToObj(number -> new RefreshToken(
                        session(number % 2 == 0 ? "app" : "dashboard", "u" + number),
                        number,
                        NOW,
                        NOW.plusSeconds(number * 3600L),
                        NOW,
                        new AccessTemplate("{\"alg\":\"HS256\"}", "{\"sub\":\"u" + number + "\"}")))
                .map(REFRESH::mint);
    }

    private static SessionRef session(String realm, String subject) {
        return new SessionRef(realm, subject, SessionId.of(new byte[16], realm, subject));
    }

    private static Stream<String> backendTokens(byte[] secret) {
        return Stream.of(
                        "{\"sub\":\"u1\",\"exp\":1772370000}",
                        "{\"id\":7,\"type\":\"refresh\",\"iat\":1772366400}",
                        "{\"sub\":\"u\u00e9\",\"exp\":1772366400}")
                .map(payload ->
                        RawJws.hmac(secret, JWSAlgorithm.HS256, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", payload));
    }

    /** By Jazzer's name. */
    public static void fuzzerTestOneInput(byte[] input) {
        String token = token(input);
        RefreshTokenCheck refresh = REFRESH.verify(token);
        AccessTokenCheck access = ACCESS.verify(token);
        AdoptionCheck adoption = ADOPTION.verify(token);
        // these know no key, and must not fall over it either
        BackendToken.read(token, NOW, Duration.ZERO);
        SessionClaim.in(token);

        boolean accepted = refresh instanceof RefreshTokenCheck.Verified
                || access instanceof AccessTokenCheck.Verified
                || adoption instanceof Adoptable;
        if (accepted) {
            assertThat(kind(input) != 'p' || SIGNED.contains(token))
                    .as("somebody signed it")
                    .isTrue();
            LenientTokens.allReadAlike(token);
        }
        if (refresh instanceof RefreshTokenCheck.Verified verified) {
            assertThat(kind(input)).isNotEqualTo('a');
            checkRefresh(token, verified.token());
        }
        if (access instanceof AccessTokenCheck.Verified verified) {
            assertThat(kind(input)).isNotEqualTo('r');
            checkAccess(token, verified);
        }
        if (adoption instanceof Adoptable adoptable) {
            ObjectNode claims = LenientTokens.claims(token);
            assertThat(StrictJson.text(claims, "type")).isEqualTo("refresh");
            assertThat(adoptable.subject()).isEqualTo(subject(claims));
            assertThat(json(adoptable.access().claims()).get("type")).isNull();
        }
    }

    private static void checkRefresh(String token, RefreshToken read) {
        assertThat(token).startsWith(RawJws.encode(OURS) + '.');
        ObjectNode claims = LenientTokens.claims(token);
        assertThat(StrictJson.text(claims, "iss")).isEqualTo("portcullis");
        assertThat(StrictJson.text(claims, "aud")).isEqualTo(read.session().realm());
        assertThat(StrictJson.text(claims, "sub")).isEqualTo(read.session().subject());
        assertThat(StrictJson.text(claims, "sid")).isEqualTo(read.session().id().value());
        assertThat(claims.get("gen").asLong()).isEqualTo(read.generation());
        assertThat(claims.get("exp").asLong()).isEqualTo(read.expiresAt().getEpochSecond());
        assertThat(read.expiresAt()).isAfter(NOW);
        assertThat(json(read.access().claims())).isEqualTo(claims.get("access_claims"));
        // what says the same is the same session's, and the next one says no more
        assertThat(REFRESH.verify(REFRESH.mint(read))).isEqualTo(new RefreshTokenCheck.Verified(read));
    }

    private static void checkAccess(String token, AccessTokenCheck.Verified read) {
        ObjectNode claims = LenientTokens.claims(token);
        assertThat(read.subject()).isEqualTo(subject(claims));
        assertThat(claims.has("exp")).isEqualTo(read.expiresAt() != null);
        assertThat(claims.has("exp") && claims.get("exp").asDouble() <= NOW.getEpochSecond())
                .isFalse();
        SessionId session = SessionId.random("app", read.subject());

        ObjectNode expected = claims.deepCopy();
        expected.put("sid", session.value());
        String ours = ACCESS.withSession(read, session);
        assertThat(LenientTokens.claims(ours)).isEqualTo(expected);
        assertThat(LenientTokens.header(ours)).isEqualTo(LenientTokens.header(token));

        ObjectNode next = LenientTokens.claims(ACCESS.mint(read.template(), session, NOW, Duration.ofMinutes(30)));
        expected.put("iat", next.get("iat").asInt()).put("exp", next.get("exp").asInt());
        assertThat(next).isEqualTo(expected);
    }

    private static String subject(ObjectNode claims) {
        return claims.has("sub")
                ? claims.get("sub").asString()
                : claims.get("id").asString();
    }

    private static ObjectNode json(String text) {
        ObjectNode object = StrictJson.object(text.getBytes(UTF_8));
        assertThat(object).as(text).isNotNull();
        return object;
    }

    private static char kind(byte[] input) {
        return input.length > 0 && (input[0] == 'r' || input[0] == 'a' || input[0] == 'b') ? (char) input[0] : 'p';
    }

    private static String token(byte[] input) {
        byte[] rest = input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
        return switch (kind(input)) {
            case 'r' -> signed(REFRESH_SECRET, rest);
            case 'a' -> signed(ACCESS_SECRET, rest);
            case 'b' -> signed(ADOPTION_SECRET, rest);
            default -> new String(rest, UTF_8);
        };
    }

    private static String signed(byte[] secret, byte[] headerAndPayload) {
        int end = 0;
        while (end < headerAndPayload.length && headerAndPayload[end] != '\n') {
            end++;
        }
        byte[] header = Arrays.copyOf(headerAndPayload, end);
        byte[] payload = Arrays.copyOfRange(
                headerAndPayload, Math.min(end + 1, headerAndPayload.length), headerAndPayload.length);
        return RawJws.hmac(secret, header.length == 0 ? OURS.getBytes(UTF_8) : header, payload);
    }

    @Override
    protected String answer(byte[] input) {
        String token = token(input);
        if (REFRESH.verify(token) instanceof RefreshTokenCheck.Verified) {
            return "ours";
        }
        if (ACCESS.verify(token) instanceof AccessTokenCheck.Verified) {
            return "a backend's";
        }
        return ADOPTION.verify(token) instanceof Adoptable ? "to be adopted" : "nobody's";
    }

    @Override
    protected List<String> answers() {
        return List.of("ours", "a backend's", "to be adopted", "nobody's");
    }
}
