package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.portcullis.GatewayFixture;
import io.portcullis.RawConnection;
import io.portcullis.RawHttp2;
import io.portcullis.demo.DemoBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients are told by a gateway that is going to end, and still answers. */
class ConnectionDrainIT {
    private static final String REQUEST = "GET /api/me HTTP/1.1\r\nHost: a\r\n\r\n";

    private GatewayFixture<DemoBackend> world;

    @BeforeEach
    void start() {
        world = GatewayFixture.beforeDemo();
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private void drain() {
        world.gateway().bean(ConnectionDrain.class).begin();
    }

    @Test
    void connectionThatWasKeptIsAnsweredOnceMoreAndThenClosed() {
        try (RawConnection connection = RawConnection.to(world.gateway().port())) {
            String before = connection.write(REQUEST).until("}");
            drain();

            String after = connection.write(REQUEST).rest();

            assertThat(before).startsWith("HTTP/1.1 401 ").doesNotContainIgnoringCase("connection: close");
            assertThat(after).startsWith("HTTP/1.1 401 ").containsIgnoringCase("\r\nconnection: close\r\n");
        }
    }

    @Test
    void answersOfTheGatewayItselfCloseToo() {
        drain();

        try (RawConnection connection = RawConnection.to(world.gateway().port())) {
            String refused = connection
                    .write("POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
                    .rest();

            assertThat(refused).startsWith("HTTP/1.1 400 ").containsIgnoringCase("\r\nconnection: close\r\n");
        }
    }

    @Test
    void http2ConnectionIsToldToGoAndRefusesNothingYet() {
        try (RawHttp2 connection = RawHttp2.connect(world.gateway().port())) {
            int before =
                    connection.exchange(RawHttp2.head("GET", "/api/me"), "").status();
            drain();

            Http2GoAwayFrame goAway = connection.goAway();

            assertThat(before).isEqualTo(401);
            assertThat(goAway.errorCode()).isEqualTo(Http2Error.NO_ERROR.code());
            assertThat(goAway.lastStreamId()).isEqualTo(Integer.MAX_VALUE);
        }
    }

    @Test
    void http2ConnectionThatComesLateIsToldToGoToo() {
        drain();

        try (RawHttp2 connection = RawHttp2.connect(world.gateway().port())) {
            connection.begin(RawHttp2.head("GET", "/api/me"), true);

            assertThat(connection.goAway().lastStreamId()).isEqualTo(Integer.MAX_VALUE);
        }
    }
}
