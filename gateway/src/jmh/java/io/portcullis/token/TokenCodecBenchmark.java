package io.portcullis.token;

import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** What the tokens of a refresh cost: one is verified, two are minted. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenCodecBenchmark {
    private static final Duration LIFETIME = Duration.ofMinutes(30);

    @Param({"HS256", "ES256", "EdDSA", "RS256"})
    public String algorithm;

    private RefreshTokenCodec refreshTokens;
    private AccessTokenCodec accessTokens;
    private RefreshToken token;
    private String presented;

    @Setup
    public void setUp() {
        InstantSource clock = InstantSource.system();
        Map<String, JwsKeys> keys = Map.of("app", SampleKeys.keys(SampleKeys.of(algorithm, "refresh")));
        refreshTokens = new RefreshTokenCodec("portcullis", SampleKeys.current(keys), Duration.ofSeconds(30), clock);
        JwsKeys accessKeys = SampleKeys.keys(SampleKeys.of(algorithm, "access"));
        accessTokens = new AccessTokenCodec("app", () -> accessKeys, Duration.ofSeconds(30), clock);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        token = new RefreshToken(
                new SessionRef("app", "usr_8d1f2c", SessionId.random("app", "usr_8d1f2c")),
                7,
                now,
                now.plus(Duration.ofDays(14)),
                now,
                new AccessTemplate(
                        "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}",
                        "{\"sub\":\"usr_8d1f2c\",\"email\":\"ada@example.com\",\"projectId\":\"prj_demo\",\"role\":\"member\"}"));
        presented = refreshTokens.mint(token);
    }

    @Benchmark
    public RefreshTokenCheck verifyRefreshToken() {
        return refreshTokens.verify(presented);
    }

    @Benchmark
    public String mintRefreshToken() {
        return refreshTokens.mint(token);
    }

    @Benchmark
    public String mintAccessToken() {
        return accessTokens.mint(token.access(), token.session().id(), token.issuedAt(), LIFETIME);
    }

    @Test
    void run() throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(TokenCodecBenchmark.class.getSimpleName())
                        .addProfiler(GCProfiler.class)
                        .addProfiler(ProcessorTime.class)
                        .build())
                .run();
    }
}
