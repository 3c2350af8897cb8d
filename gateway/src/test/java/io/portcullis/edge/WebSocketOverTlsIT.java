package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.RawConnection;
import io.portcullis.RawListener;
import io.portcullis.ServerKey;
import io.portcullis.TestGateway;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** A WebSocket on the port that speaks HTTP/2 to others: a browser that opens one offers HTTP/1.1 alone. */
class WebSocketOverTlsIT {
    @Test
    void framesPassBothWays() throws IOException {
        try (DemoKeys keys = DemoKeys.generate();
                RawListener backend = RawListener.start();
                ServerKey key = ServerKey.generate();
                TestGateway gateway =
                        TestGateway.start(keys, backend.uri(), key.properties().toArray(String[]::new));
                SSLSocket socket =
                        (SSLSocket) key.clientContext().getSocketFactory().createSocket("127.0.0.1", gateway.port());
                RawConnection client = RawConnection.over(socket)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            socket.setSSLParameters(parameters);

            client.write("GET /socket.io/ HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            try (RawConnection accepted = backend.accept()) {
                String asked = accepted.head();
                accepted.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
                String agreed = client.head();
                client.write("\u0081\u0082\0\0\0\0hi");
                String atBackend = accepted.text(8);
                accepted.write("\u0081\u0003you");
                String atClient = client.text(5);

                assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
                assertThat(asked).containsIgnoringCase("\r\nUpgrade: websocket\r\n");
                assertThat(agreed).startsWith("HTTP/1.1 101 ");
                assertThat(atBackend).isEqualTo("\u0081\u0082\0\0\0\0hi");
                assertThat(atClient).isEqualTo("\u0081\u0003you");
            }
        }
    }
}
