package io.portcullis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/**
 * nginx before the gateway, as an ingress controller sets it up (src/test/resources/nginx.conf), in a folder of its own; one
 * process, which the gateway sees at 127.0.1.1.
 */
public final class Nginx implements AutoCloseable {
    /** What a client connects to: a port for each way in which clients are told of. */
    public enum Way {
        /** The address is written behind those that the client sent. */
        APPEND,
        /** It takes their place. */
        OVERWRITE,
        /** As {@link #APPEND}, over TLS. */
        TLS,
        /** As {@link #APPEND}, and 127.0.2.0/24 says by the PROXY protocol whose the connection is. */
        PROXY
    }

    private static final Duration STARTS_WITHIN = Duration.ofSeconds(20);
    private static final int PORTS_TRIED_MAX = 3;

    private final InstalledProgram program = InstalledProgram.of("nginx");
    private final Map<Way, Integer> ports = new EnumMap<>(Way.class);
    private final ServerKey key;
    private final Path directory;
    private final Path output;
    private Process process;

    private Nginx(ServerKey key) throws IOException {
        this.key = key;
        directory = Files.createTempDirectory("nginx-");
        output = directory.resolve("output.txt");
        Files.writeString(directory.resolve("server.pem"), key.pem());
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param gatewayPort where it passes everything on to
     * @param key of its TLS
     */
    public static Nginx start(int gatewayPort, ServerKey key) {
        try {
            Nginx nginx = new Nginx(key);
            for (int tried = 0; tried < PORTS_TRIED_MAX; tried++) {
                nginx.launch(gatewayPort);
                if (nginx.listensBeforeItEnds()) {
                    return nginx;
                }
            }
            String said = Files.readString(nginx.output);
            nginx.close();
            throw new IllegalStateException("nginx ended at once:\n" + said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port(Way way) {
        return ports.get(way);
    }

    /** A client's connection from that address of this machine, in 127.0.0.0/8. */
    public RawConnection connect(Way way, String from) {
        try {
            Socket socket = new Socket();
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(way)));
            if (way == Way.TLS) {
                boolean closesBoth = true;
                socket =
                        key.clientContext().getSocketFactory().createSocket(socket, "127.0.0.1", port(way), closesBoth);
            }
            return RawConnection.over(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void launch(int gatewayPort) throws IOException {
        String lines =
                new String(Nginx.class.getResourceAsStream("/nginx.conf").readAllBytes(), StandardCharsets.UTF_8);
        lines = lines.replace("${gateway}", Integer.toString(gatewayPort));
        for (Way way : Way.values()) {
            ports.put(way, FreePort.any());
            lines = lines.replace("${" + way.name().toLowerCase(Locale.ROOT) + "}", Integer.toString(port(way)));
        }
        Path configuration = Files.writeString(directory.resolve("nginx.conf"), lines);
        process = program.start(output, List.of("-p", directory + "/", "-e", "stderr", "-c", configuration.toString()));
    }

    /** One whose port another process has taken meanwhile ends. */
    private boolean listensBeforeItEnds() throws IOException {
        long deadline = System.nanoTime() + STARTS_WITHIN.toNanos();
        try {
            while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
                if (listens()) {
                    return true;
                }
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("nginx does not listen:\n" + Files.readString(output));
                }
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private boolean listens() {
        try {
            for (int port : ports.values()) {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
            }
            return process.isAlive();
        } catch (IOException e) {
            // not yet
            return false;
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
