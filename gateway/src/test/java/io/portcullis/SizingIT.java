package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.KeptConnection.Answer;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import io.portcullis.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a request costs the gateway's process and Redis' in processor time, side by side, with the image's memory:
 * {@code -Dportcullis.sizing=50000} is how many of each are measured, after half as many. It fails where one is not answered.
 */
@EnabledOnOs(OS.LINUX)
class SizingIT {
    private static final int REQUESTS = Integer.getInteger("portcullis.sizing", 500);
    private static final int CLIENTS = 16;
    private static final Duration ENDS_WITHIN = Duration.ofMinutes(10);
    /** What the image's percentage is of a pod's memory. */
    private static final String HEAP = "-Xmx230m";

    private static final Pattern FLAGS = Pattern.compile("ENV JAVA_TOOL_OPTIONS=\"([^\"]+)\"");

    private final DemoKeys keys = DemoKeys.generate();
    private final RedisServer redis = RedisServer.start();
    private final DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
    private final int port = GatewayProcess.freePort();
    private final int managementPort = GatewayProcess.freePort();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private final List<Client> clients = new ArrayList<>();
    private final List<String> table = new ArrayList<>();
    private final AtomicInteger sentAgain = new AtomicInteger();
    private GatewayProcess gateway;

    @TempDir
    private Path directory;

    /** A session of its own, over a connection that it keeps. */
    private final class Client {
        private final KeptConnection connection = new KeptConnection(port);
        private String accessToken;
        private String refreshToken;

        private Client(int number) {
            taken(connection.post("/api/auth/login", SizingIT.login("sizing" + number + "@example.com")));
        }

        private Answer taken(Answer answer) {
            refreshToken = member(answer, "refreshToken");
            accessToken = member(answer, "token");
            return answer;
        }

        private static String member(Answer answer, String name) {
            String before = "\"" + name + "\":\"";
            int start = answer.body().indexOf(before);
            assertThat(start).as(answer.toString()).isNotNegative();
            return answer.body()
                    .substring(start + before.length(), answer.body().indexOf('"', start + before.length()));
        }

        private Answer refresh() {
            Answer answer = refresh(refreshToken);
            while (answer.status() == 503) {
                // the machine has other things to do
                sentAgain.incrementAndGet();
                answer = refresh(refreshToken);
            }
            return taken(answer);
        }

        private Answer refresh(String token) {
            return connection.post("/api/auth/refresh", "{\"refreshToken\":\"" + token + "\"}");
        }

        private Answer junk() {
            return connection.post("/api/auth/refresh", "{\"refreshToken\":\"" + accessToken + "\"}");
        }

        private Answer me() {
            return connection.get("/api/me", accessToken);
        }

        private Answer login(int number) {
            return connection.post("/api/auth/login", SizingIT.login("user" + number + "@example.com"));
        }
    }

    @BeforeEach
    void start() {
        table.add("what | gateway, ms of a processor | of a forwarded request | Redis, ms | Redis, commands");
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
        clients.forEach(client -> client.connection.close());
        if (gateway != null) {
            gateway.close();
        }
        backend.close();
        redis.close();
        keys.close();
    }

    private static String login(String email) {
        return "{\"email\":\"" + email + "\",\"password\":\"" + DemoBackend.PASSWORD + "\"}";
    }

    private void startGateway(Path refreshTokenKeys) throws IOException {
        Map<String, String> variables = new HashMap<>(Map.of(
                "SERVER_PORT", Integer.toString(port),
                "MANAGEMENT_SERVER_PORT", Integer.toString(managementPort),
                "SPRING_DATA_REDIS_URL", redis.url(),
                "BACKEND_URI", backend.uri(),
                "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS", refreshTokenKeys.toString(),
                "SERVER_ADDRESS", "127.0.0.1",
                "MANAGEMENT_SERVER_ADDRESS", "127.0.0.1",
                // its clients wait for each other's turn on the machine
                "PORTCULLIS_OVERLOAD_DELAYMAX", "0s"));
        variables.put("PORTCULLIS_REFRESH_LIMIT_PERADDRESS", "0");
        variables.put("PORTCULLIS_REFRESH_LIMIT_PERSESSION", "0");
        variables.put("LOGGING_LEVEL_PORTCULLIS_EVENTS", "warn");
        gateway = GatewayProcess.startInFull(variables, asTheImage());
        gateway.awaitReady(managementPort);
        clients.forEach(client -> client.connection.close());
        clients.clear();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client(i));
        }
    }

    private static String[] asTheImage() throws IOException {
        Matcher flags = FLAGS.matcher(
                Files.readString(Path.of(System.getProperty("portcullis.root")).resolve("Containerfile")));
        assertThat(flags.find()).isTrue();
        return (flags.group(1) + " " + HEAP).split(" ");
    }

    /** Since somebody is revoked, who that is is looked for with each access token. */
    private void revokeSomebody() {
        Client somebody = new Client(CLIENTS);
        String used = somebody.refreshToken;
        assertThat(somebody.refresh().status()).isEqualTo(200);
        assertThat(somebody.refresh().status()).isEqualTo(200);
        assertThat(somebody.refresh(used).status()).isEqualTo(401);
        somebody.connection.close();
    }

    private double redisMillis() {
        return redis.command("INFO", "cpu")
                        .lines()
                        .filter(line -> line.startsWith("used_cpu_user:") || line.startsWith("used_cpu_sys:"))
                        .mapToDouble(line -> Double.parseDouble(
                                line.substring(line.indexOf(':') + 1).trim()))
                        .sum()
                * 1000;
    }

    private long info(String section, String name) {
        return redis.command("INFO", section)
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(
                        line -> Long.parseLong(line.substring(name.length() + 1).trim()))
                .sum();
    }

    private void ask(int requests, int status, Function<Client, Answer> request) throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (Client client : clients) {
            all.add(threads.submit(() -> {
                for (int i = 0; i < requests / CLIENTS; i++) {
                    assertThat(request.apply(client).status()).isEqualTo(status);
                }
            }));
        }
        for (Future<?> one : all) {
            one.get(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Milliseconds of a processor that one such request costs the gateway. */
    private double measure(String what, int status, double forwarded, Function<Client, Answer> request)
            throws Exception {
        ask(REQUESTS / 2, status, request);
        Duration before = gateway.processorTime();
        double redisBefore = redisMillis();
        long commandsBefore = info("stats", "total_commands_processed");
        ask(REQUESTS, status, request);
        double asked = REQUESTS / CLIENTS * CLIENTS;
        double millis = gateway.processorTime().minus(before).toNanos() / 1e6 / asked;
        table.add("%s | %.2f | %.1f | %.3f | %.2f"
                .formatted(
                        what,
                        millis,
                        forwarded == 0 ? 1 : millis / forwarded,
                        (redisMillis() - redisBefore) / asked,
                        (info("stats", "total_commands_processed") - commandsBefore) / asked));
        return millis;
    }

    @Test
    void eachRequestIsAnsweredAndCostsThis() throws Exception {
        startGateway(keys.refreshTokenKeys());
        revokeSomebody();
        double forwarded = measure("forwarded, with an access token", 200, 0, Client::me);
        measure("refresh, HS256", 200, forwarded, Client::refresh);
        measure("refresh with another token", 401, forwarded, Client::junk);
        long bytes = info("memory", "used_memory");
        AtomicInteger users = new AtomicInteger();
        measure("login that opens a session", 200, forwarded, client -> client.login(users.getAndIncrement()));
        long ofASession = (info("memory", "used_memory") - bytes) / users.get();
        long resident = gateway.residentAtMost() / 1024;
        gateway.close();
        startGateway(es256());
        measure("refresh, refresh tokens of ES256", 200, forwarded, Client::refresh);

        System.out.println("processor time per request, of " + REQUESTS + ":\n" + String.join("\n", table));
        System.out.println("bytes of Redis per session of a subject of its own: " + ofASession
                + "; resident memory of the gateway, MiB: " + resident
                + "; refreshes answered with 503 and sent again: " + sentAgain);
        assertThat(ofASession).isBetween(200L, 1_500L);
    }

    private Path es256() throws IOException {
        Path file = directory.resolve("refresh-token-keys.json");
        int status = KeysCommand.run(new String[] {"keys", "ES256", file.toString()}, System.out, System.err);
        assertThat(status).isZero();
        return file;
    }
}
