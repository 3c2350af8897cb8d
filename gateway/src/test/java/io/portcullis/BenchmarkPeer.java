package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import io.portcullis.token.RawJws;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;

/** The benchmark's nginx + Lua endpoint, on the Redis that it is given, in a folder of its own. */
final class BenchmarkPeer implements AutoCloseable {
    private static final Path MODULES = Path.of("/usr/lib/nginx/modules");
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newHttpClient();
    private final JWK key;
    private final RedisServer redis;
    private final int port;
    private final Path directory;
    private final Process process;

    private BenchmarkPeer(Path benchmark, DemoKeys keys, RedisServer redis) throws IOException, ParseException {
        this.redis = redis;
        key = JWKSet.load(keys.refreshTokenKeys().toFile()).getKeys().get(0);
        port = FreePort.any();
        directory = Files.createTempDirectory("benchmark-peer-");
        Path here = benchmark.resolve("peers/nginx-lua").toRealPath();
        String lines = Files.readString(here.resolve("nginx.conf"))
                .replace("${MODULES}", MODULES.toString())
                .replace("${HERE}", here.toString())
                .replace("${PORT}", Integer.toString(port));
        Path configuration = Files.writeString(directory.resolve("nginx.conf"), lines);
        Map<String, String> variables = Map.of(
                "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString(),
                "ROTATE_SCRIPT", here.resolve("../rotate_session.lua").toString(),
                "REDIS_PORT", Integer.toString(redis.port()));
        process = InstalledProgram.of("nginx")
                .start(
                        directory.resolve("output.txt"),
                        variables,
                        List.of("-p", directory + "/", "-e", "stderr", "-c", configuration.toString()));
    }

    /** Starts it; without nginx's Lua module and cjson the test is skipped, where {@code CI} is set it fails. */
    static BenchmarkPeer start(Path benchmark, DemoKeys keys, RedisServer redis) {
        boolean installed = Files.exists(MODULES.resolve("ngx_http_lua_module.so"));
        if (System.getenv("CI") != null) {
            assertThat(installed).as("installed: nginx's Lua module").isTrue();
        }
        assumeTrue(installed, "not installed: nginx's Lua module");
        try {
            BenchmarkPeer peer = new BenchmarkPeer(benchmark, keys, redis);
            await().atMost(STARTS_WITHIN).until(peer::listensOrEnded);
            assertThat(peer.process.isAlive())
                    .as(Files.readString(peer.directory.resolve("output.txt")))
                    .isTrue();
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean listensOrEnded() {
        try {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        } catch (IOException e) {
            return !process.isAlive();
        }
    }

    /** A session as the benchmark makes it: the record, and the token of generation 0. */
    String openSession(String sid) {
        redis.command("HSET", "session:" + sid, "gen", "0");
        long now = Instant.now().getEpochSecond();
        return RawJws.sign(
                key,
                "{\"alg\":\"HS256\",\"typ\":\"rt+jwt\"}",
                "{\"iss\":\"portcullis\",\"aud\":\"app\",\"sub\":\"u1\",\"sid\":\"" + sid + "\",\"gen\":0,\"iat\":"
                        + now + ",\"exp\":" + (now + 3600) + ",\"auth_time\":" + now
                        + ",\"access_claims\":{\"sub\":\"u1\"}}");
    }

    /** The successor of a token that must be good. */
    String granted(String refreshToken) {
        HttpResponse<String> answer = refresh(refreshToken);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body()).get("refreshToken").asString();
    }

    HttpResponse<String> refresh(String refreshToken) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/auth/refresh"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"refreshToken\":\"" + refreshToken + "\"}"))
                .build();
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        InstalledProgram.end(process);
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
