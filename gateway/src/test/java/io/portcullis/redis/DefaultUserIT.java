package io.portcullis.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.SecurityLine;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** The user of Redis that everybody is who does not say who he is, as {@code config/redis/redis.acl} has it. */
class DefaultUserIT {
    @Test
    @SecurityLine(26)
    void nobodyIsTheUserDefault() throws IOException {
        try (RedisServer redis = RedisServer.start();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.getOutputStream()
                    .write("GET key\r\nAUTH default x\r\nAUTH x\r\nGET key\r\nQUIT\r\n".getBytes(US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII).lines())
                    .map(line -> line.replaceFirst(" .*", ""))
                    .containsExactly("-NOAUTH", "-WRONGPASS", "-WRONGPASS", "-NOAUTH", "+OK");
            redis.command("ACL", "LOG", "RESET");
        }
    }

    /** Redis reads its append-only file as the user default, and leaves out what scripts wrote that this user may not. */
    @Test
    void whatScriptsWroteIsThereAfterARestart() {
        try (RedisServer redis = RedisServer.start("--appendonly", "yes");
                RedisClients clients = new RedisClients(redis, 1).connected()) {
            LiveSession session = LiveSession.of("ada@example.org", clients.store(0));
            session.open(Policies.strict());
            session.rotate(0, Policies.strict());

            redis.stop();
            redis.startAgain();

            assertThat(StoredRecords.of(redis, session.ref().id().value()).get("gen"))
                    .isEqualTo("1");
        }
    }
}
