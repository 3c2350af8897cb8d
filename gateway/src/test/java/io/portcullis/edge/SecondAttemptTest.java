package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.Errors;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebExchangeDecorator;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** The ways in which a connection from the pool may turn out dead that no test can time: BackendConnectionsIT has the others. */
class SecondAttemptTest {
    private static DisposableServer backend;

    private final SecondAttempt secondAttempt = new SecondAttempt();
    private final AtomicInteger attempts = new AtomicInteger();

    @BeforeAll
    static void start() {
        backend = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> response.send())
                .bindNow();
    }

    @AfterAll
    static void stop() {
        backend.disposeNow();
    }

    static Stream<Exception> deaths() {
        return Stream.of(
                AbortedException.beforeSend(),
                new IOException("Connection reset by peer"),
                new Errors.NativeIoException("writev", -104));
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void aRequestOnAUsedConnectionThatWasDeadIsSentOnceMore(Exception death) {
        forward(HttpMethod.GET, true, death);

        assertThat(attempts).hasValue(2);
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void aRequestOnANewConnectionIsNot(Exception death) {
        assertThatThrownBy(() -> forward(HttpMethod.GET, false, death))
                .extracting(Exceptions::unwrap)
                .isSameAs(death);

        assertThat(attempts).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void aRequestThatMayHaveBeenCarriedOutIsNot(Exception death) {
        assertThatThrownBy(() -> forward(HttpMethod.POST, true, death))
                .extracting(Exceptions::unwrap)
                .isSameAs(death);

        assertThat(attempts).hasValue(1);
    }

    @Test
    void anotherFailureIsPassedOn() {
        IllegalStateException failure = new IllegalStateException("a filter's");

        assertThatThrownBy(() -> forward(HttpMethod.GET, true, failure)).isSameAs(failure);

        assertThat(attempts).hasValue(1);
    }

    /** Sends a request whose first attempt ends in that way. */
    private void forward(HttpMethod method, boolean isUsed, Exception death) {
        HttpClient client = HttpClient.newConnection()
                .doOnConnected(connection -> connection
                        .channel()
                        .attr(AttributeKey.<Boolean>valueOf(SecondAttempt.class, "used"))
                        .set(isUsed ? true : null))
                .baseUrl("http://127.0.0.1:" + backend.port());
        GatewayFilterChain chain = exchange -> attempts.incrementAndGet() == 1
                ? client.doOnRequest((request, connection) -> SecondAttempt.isSentOn(connection, exchange))
                        .request(io.netty.handler.codec.http.HttpMethod.valueOf(method.name()))
                        .uri("/")
                        .response()
                        .then(Mono.error(death))
                : Mono.empty();

        ServerWebExchange asked = MockServerWebExchange.from(MockServerHttpRequest.method(method, "/"));
        secondAttempt.filter(new Unserved(asked), chain).block(Duration.ofSeconds(20));
    }

    /** Over a connection that nobody knows: a mock refuses to say which it is. */
    private static final class Unserved extends ServerWebExchangeDecorator {
        Unserved(ServerWebExchange asked) {
            super(asked);
        }

        @Override
        public ServerHttpRequest getRequest() {
            ServerHttpRequest asked = super.getRequest();
            return new AbstractServerHttpRequest(asked.getMethod(), asked.getURI(), "", asked.getHeaders()) {
                @Override
                @SuppressWarnings("unchecked")
                public <T> T getNativeRequest() {
                    return (T) asked;
                }

                @Override
                public Flux<DataBuffer> getBody() {
                    return asked.getBody();
                }

                @Override
                protected MultiValueMap<String, HttpCookie> initCookies() {
                    return asked.getCookies();
                }

                @Override
                protected SslInfo initSslInfo() {
                    return null;
                }
            };
        }
    }
}
