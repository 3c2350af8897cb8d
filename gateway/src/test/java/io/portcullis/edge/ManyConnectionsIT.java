package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.GatewayFixture;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** As many connections on which nothing is asked as this process may have, 10,000 at most: nobody else notices, and they end. */
class ManyConnectionsIT {
    private static final int MANY = 10_000;

    /** What tests before have open, and what the others here need. */
    private static final int RESERVE = 2_000;

    @AutoClose
    private final GatewayFixture<DemoBackend> world =
            GatewayFixture.beforeDemo("portcullis.connections.idle-timeout=12s");

    private final TestGateway gateway = world.gateway();

    private static int many() {
        UnixOperatingSystemMXBean process = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long free = process.getMaxFileDescriptorCount() - process.getOpenFileDescriptorCount();
        // both ends are here
        return (int) Math.min(MANY, (free - RESERVE) / 2);
    }

    private double open() {
        return gateway.bean(MeterRegistry.class)
                .get("portcullis.connections.open")
                .gauge()
                .value();
    }

    @Test
    void othersAreServedWhileThousandsAskNothing() throws IOException {
        String token = world.login();
        int many = many();
        List<SocketChannel> idle = new ArrayList<>();
        try {
            InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port());
            for (int i = 0; i < many; i++) {
                SocketChannel connection = SocketChannel.open(server);
                idle.add(connection);
                if (i % 2 == 0) {
                    connection.write(ByteBuffer.wrap("GET /half".getBytes(StandardCharsets.US_ASCII)));
                }
                if (i % 500 == 0) {
                    token = Tokens.refreshToken(gateway.refresh(token));
                    assertThat(gateway.get("/api/me").statusCode()).isEqualTo(401);
                }
            }
            assertThat(many).isGreaterThan(100);
            assertThat(gateway.refresh(token).statusCode()).isEqualTo(200);

            await().atMost(Duration.ofSeconds(20)).until(() -> open() < 10);
        } finally {
            for (SocketChannel connection : idle) {
                connection.close();
            }
        }
        assertThat(gateway.get("/api/me").statusCode()).isEqualTo(401);
    }
}
