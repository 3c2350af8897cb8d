package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class RedisServerIT {

    @Test
    void serverAnswersAsSoonAsItIsStarted() {
        try (RedisServer redis = RedisServer.start()) {
            assertThat(redis.command("PING")).isEqualTo("PONG");
            assertThat(redis.command("CONFIG", "GET", "save")).isEqualTo("save\n");
            assertThat(redis.command("CONFIG", "GET", "appendonly")).isEqualTo("appendonly\nno");
        }
    }

    @Test
    void killedServerForgetsAndComesBackOnItsPort() {
        try (RedisServer redis = RedisServer.start()) {
            redis.command("SET", "key", "value");
            redis.kill();

            assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(UncheckedIOException.class);
            redis.startAgain();

            assertThat(redis.command("GET", "key")).isEmpty();
        }
    }

    @Test
    void extraArgumentsWin() {
        try (RedisServer redis = RedisServer.start("--appendonly", "yes")) {
            redis.command("SET", "key", "value");
            redis.stop();
            redis.startAgain();

            assertThat(redis.command("GET", "key")).isEqualTo("value");
        }
    }

    @Test
    void pausedServerAcceptsConnectionsButDoesNotAnswer() throws IOException {
        try (RedisServer redis = RedisServer.start()) {
            redis.pause();

            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
                socket.setSoTimeout(200);
                socket.getOutputStream().write("PING\r\n".getBytes());
                assertThat(catchThrowable(() -> socket.getInputStream().read()))
                        .isInstanceOf(SocketTimeoutException.class);

                redis.resume();
                assertThat(socket.getInputStream().readNBytes(7)).asString().isEqualTo("-NOAUTH");
            }
        }
    }

    @Test
    void errorAnswersAreErrors() {
        try (RedisServer redis = RedisServer.start()) {
            assertThatThrownBy(() -> redis.command("NONSENSE"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("unknown command");
        }
    }

    @Test
    void serverThatCannotStartSaysWhy() {
        assertThatThrownBy(() -> RedisServer.start("--no-such-option", "1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no-such-option");
    }

    @Test
    void closedServerLeavesNothingBehind() {
        RedisServer redis = RedisServer.start();
        redis.command("SAVE");
        assertThat(redis.directory().resolve("dump.rdb")).exists();
        redis.close();

        assertThat(Files.exists(redis.directory())).isFalse();
        assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(UncheckedIOException.class);
    }
}
