package io.portcullis.redis;

import static org.awaitility.Awaitility.await;

import io.portcullis.FreePort;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redis.embedded.RedisExecProvider;

/**
 * A real redis-server process on a free loopback port, with a directory of its own: keeps nothing on disk unless told
 * to, can be stopped, killed, frozen and started again, and ends with this JVM at the latest.
 */
public final class RedisServer implements AutoCloseable {
    private static final Duration STARTS_WITHIN = Duration.ofSeconds(20);
    private static final int PORTS_TRIED_MAX = 3;
    private static final Set<RedisServer> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(RedisServer::close), "redis-server-end"));
    }

    private final List<String> extraArguments;
    private final List<String> sentinelLines;
    private final Path directory;
    private int port;
    private int busPort;
    private Process process;
    private volatile boolean frozen;

    private RedisServer(List<String> extraArguments, List<String> sentinelLines) throws IOException {
        this.extraArguments = extraArguments;
        this.sentinelLines = sentinelLines;
        this.directory = Files.createTempDirectory("redis-server-");
        OPEN.add(this);
    }

    /**
     * Starts a server and waits until it answers. One that is {@code --cluster-enabled} has a free port for the others too.
     *
     * @param extraArguments as on redis-server's command line, e.g. {@code "--appendonly", "yes"}; they win
     */
    public static RedisServer start(String... extraArguments) {
        return started(List.of(extraArguments), List.of());
    }

    /**
     * Starts the server as a Sentinel.
     *
     * @param lines of its configuration, without {@code sentinel} at their beginning
     */
    static RedisServer startSentinel(String... lines) {
        return started(List.of(), List.of(lines));
    }

    private static RedisServer started(List<String> extraArguments, List<String> sentinelLines) {
        try {
            RedisServer server = new RedisServer(extraArguments, sentinelLines);
            try {
                server.startOnFreePort();
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("redis-server did not start", e);
        }
    }

    public int port() {
        return port;
    }

    /** The port that the other nodes of a cluster connect to. */
    int busPort() {
        return busPort;
    }

    /** As the gateway connects. */
    public String url() {
        return RedisUsers.url(port);
    }

    /** Where the server keeps its log ({@code redis.log}) and what it is told to persist. */
    public Path directory() {
        return directory;
    }

    /** Ends the server in order (SIGTERM): it persists what it is configured to persist. */
    public void stop() {
        resume();
        process.destroy();
        process.onExit().join();
    }

    /** Ends the server at once (SIGKILL), frozen or not. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** How many bytes of its append-only file there are, which is on and never rewritten. */
    public long bytesKept() throws IOException {
        return Files.size(appendOnlyFile());
    }

    /** Forgets what a killed server has written after those bytes, as one does whose machine has crashed. */
    public void forgetAfter(long bytes) throws IOException {
        try (FileChannel file = FileChannel.open(appendOnlyFile(), StandardOpenOption.WRITE)) {
            file.truncate(bytes);
        }
    }

    private Path appendOnlyFile() {
        return directory.resolve("appendonlydir").resolve("appendonly.aof.1.incr.aof");
    }

    /** Starts a server that was stopped or killed, on the same port and with the files it left. */
    public void startAgain() {
        if (process.isAlive()) {
            throw new IllegalStateException("redis-server runs already");
        }
        try {
            process = launch();
            frozen = false;
            if (!answersBeforeItEnds()) {
                throw new IllegalStateException("redis-server ended at once:\n" + log());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("redis-server did not start again", e);
        }
    }

    /** Freezes the server (SIGSTOP): connections stay open, nothing is answered. */
    public void pause() {
        signal("STOP");
        frozen = true;
    }

    /** Thaws a frozen server (SIGCONT). */
    public void resume() {
        signal("CONT");
        frozen = false;
    }

    /** Takes commands that write and does not carry them out; {@link #thawWrites} has them carried out as they came. */
    public void freezeWrites() {
        command("CLIENT", "PAUSE", "60000", "WRITE");
    }

    public void thawWrites() {
        command("CLIENT", "UNPAUSE");
    }

    /** The connections whose last command ran a script, by Redis' names for them. */
    Set<String> connectionsOfScripts() {
        return command("CLIENT", "LIST", "TYPE", "normal")
                .lines()
                .filter(client -> client.contains(" cmd=eval"))
                .map(client -> client.substring(0, client.indexOf(' ')))
                .collect(Collectors.toSet());
    }

    /** Waits until a command is here that {@link #freezeWrites} keeps from being carried out. */
    public void awaitFrozenWrite() {
        // a gateway that follows the revocations is blocked too, in its XREAD
        await().atMost(STARTS_WITHIN)
                .until(() -> command("CLIENT", "LIST")
                        .lines()
                        .anyMatch(client -> client.contains(" flags=b ") && !client.contains(" cmd=xread ")));
    }

    /**
     * Runs one command on a connection of its own.
     *
     * @return the answer as redis-cli prints it to a pipe: an array has one line an element, nil is empty
     * @throws IllegalStateException if Redis answers with an error
     * @throws UncheckedIOException if Redis does not answer
     */
    public String command(String... command) {
        try (RespConnection connection = RespConnection.open(port)) {
            return connection.call(command);
        } catch (IOException e) {
            throw new UncheckedIOException("redis-server did not answer " + command[0], e);
        }
    }

    /**
     * Kills the server and deletes its directory.
     *
     * @throws AssertionError if somebody was refused a command or a key since {@code ACL LOG RESET}, whoever noticed
     */
    @Override
    public void close() {
        if (!OPEN.remove(this)) {
            return;
        }
        String refused = process == null ? "" : refused();
        delete();
        if (!refused.isEmpty()) {
            throw new AssertionError("Redis refused by its ACL:\n" + refused);
        }
    }

    private String refused() {
        try {
            return answersNow() ? command("ACL", "LOG") : "";
        } catch (UncheckedIOException e) {
            // it is told to answer nobody
            return "";
        }
    }

    private void delete() {
        if (process != null) {
            kill();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted((a, b) -> b.getNameCount() - a.getNameCount())
                    .map(Path::toFile)
                    .forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + directory, e);
        }
    }

    private void startOnFreePort() throws IOException {
        for (int tried = 0; tried < PORTS_TRIED_MAX; tried++) {
            port = FreePort.any();
            busPort = FreePort.any();
            process = launch();
            if (answersBeforeItEnds()) {
                return;
            }
        }
        throw new IllegalStateException("redis-server ended at once:\n" + log());
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(Executable.FILE.getPath()));
        if (sentinelLines.isEmpty()) {
            command.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port)));
            command.addAll(List.of("--dir", directory.toString(), "--save", "", "--appendonly", "no"));
            command.addAll(List.of("--aclfile", acl().toString()));
            command.addAll(List.of("--masteruser", RedisUsers.ADMINISTRATOR));
            command.addAll(List.of("--masterauth", RedisUsers.ADMINISTRATORS_PASSWORD));
            if (extraArguments.contains("--cluster-enabled")) {
                command.addAll(List.of("--cluster-port", Integer.toString(busPort)));
            }
            command.addAll(extraArguments);
        } else {
            command.addAll(List.of(sentinelFile().toString(), "--sentinel"));
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                .start();
    }

    private Path acl() throws IOException {
        String shipped = !sentinelLines.isEmpty()
                ? "sentinel.acl"
                : extraArguments.contains("--cluster-enabled") ? "cluster.acl" : "redis.acl";
        return Files.write(directory.resolve("users.acl"), RedisUsers.lines(shipped));
    }

    /** What a Sentinel learns it writes there too. */
    private Path sentinelFile() throws IOException {
        List<String> lines = new ArrayList<>(List.of("bind 127.0.0.1", "port " + port, "dir " + directory));
        lines.add("aclfile " + acl());
        sentinelLines.forEach(line -> lines.add("sentinel " + line));
        return Files.write(directory.resolve("sentinel.conf"), lines);
    }

    /** Another process may have taken the port meanwhile: then the server ends, and what answers there is not ours. */
    private boolean answersBeforeItEnds() throws IOException {
        long deadline = System.nanoTime() + STARTS_WITHIN.toNanos();
        try {
            while (!process.waitFor(5, TimeUnit.MILLISECONDS)) {
                if (answers() && process.isAlive()) {
                    return true;
                }
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("redis-server does not answer:\n" + log());
                }
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while redis-server started", e);
        }
    }

    /** Whether it runs and answers. */
    boolean answersNow() {
        return process.isAlive() && !frozen && answers();
    }

    private boolean answers() {
        try (RespConnection connection = RespConnection.open(port)) {
            // INFO is answered while the files are still being loaded, other commands are not
            String information = connection.call("INFO", "everything");
            return information.contains("process_id:" + process.pid() + "\r\n")
                    // not async_loading, which is another line; a Sentinel loads nothing
                    && (information.contains("\nloading:0\r\n") || information.contains("redis_mode:sentinel"));
        } catch (IOException | IllegalStateException e) {
            // not listening yet
            return false;
        }
    }

    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (exit != 0 && process.isAlive()) {
                throw new IllegalStateException("kill -" + name + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending SIG" + name, e);
        }
    }

    private Path logFile() {
        return directory.resolve("redis.log");
    }

    private String log() throws IOException {
        return Files.readString(logFile());
    }

    /** The binary for this machine, unpacked from the embedded-redis jar once a JVM. */
    private static final class Executable {
        private static final File FILE = unpack();

        private static File unpack() {
            try {
                return RedisExecProvider.defaultProvider().get();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot unpack redis-server", e);
            }
        }
    }
}
