package io.portcullis.edge;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.util.AsciiString;
import io.portcullis.edge.RefreshShortcut.Ends;
import io.portcullis.limit.Admission.TooMany;
import io.portcullis.operations.RoutedRequests;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.support.Netty4HeadersAdapter;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** A refresh request on the connection itself. */
final class DirectRefresh implements RefreshCall {
    /** Written as Spring writes them, for whoever compares bytes. */
    private static final AsciiString CONTENT_TYPE = AsciiString.cached(HttpHeaders.CONTENT_TYPE);

    private static final AsciiString CACHE_CONTROL = AsciiString.cached(HttpHeaders.CACHE_CONTROL);
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached(HttpHeaders.CONTENT_LENGTH);
    private static final AsciiString CONNECTION = AsciiString.cached(HttpHeaders.CONNECTION);

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final RoutedRequests counted;
    private final Ends ends;
    private final HttpHeaders headers;
    private final long began = System.nanoTime();
    private boolean isAdmitted;

    DirectRefresh(HttpServerRequest request, HttpServerResponse response, RoutedRequests counted, Ends ends) {
        this.request = request;
        this.response = response;
        this.counted = counted;
        this.ends = ends;
        this.headers = new HttpHeaders(new Netty4HeadersAdapter(request.requestHeaders()));
    }

    /** It goes to the endpoint, and is counted as a request of its route. */
    void admitted() {
        isAdmitted = true;
    }

    Channel connection() {
        return ((Connection) request).channel();
    }

    private @Nullable InetSocketAddress remote() {
        SocketAddress address = request.connectionRemoteAddress();
        return address instanceof InetSocketAddress internet ? internet : null;
    }

    @Override
    public HttpHeaders headers() {
        return headers;
    }

    @Override
    public Mono<ReceivedBody> body(int limit, int readMax, Duration timeout) {
        return BodyReading.of(request.receive(), limit, readMax, timeout, loop());
    }

    @Override
    public EventLoop loop() {
        return connection().eventLoop();
    }

    @Override
    public @Nullable InetAddress client() {
        return ends.clients().of(headers, remote());
    }

    @Override
    public @Nullable ClientRequest forBackends(ByteBuffer body) {
        return null;
    }

    @Override
    public boolean isAnswered() {
        return response.hasSentHeaders();
    }

    @Override
    public Mono<Void> refuse(TooMany by) {
        return Mono.defer(() -> write(JsonAnswer.limited(by), ends.limits().isLast(connection(), remote())));
    }

    @Override
    public Mono<Void> answer(JsonAnswer answer) {
        return Mono.defer(() -> write(answer, false));
    }

    private Mono<Void> write(JsonAnswer answer, boolean isLast) {
        byte[] body = answer.body() == null ? new byte[0] : answer.body();
        response.status(answer.status().value());
        io.netty.handler.codec.http.HttpHeaders written = response.responseHeaders();
        answer.others().forEach((name, values) -> written.set(name, values));
        written.set(CONTENT_TYPE, JsonAnswer.JSON);
        written.set(CACHE_CONTROL, JsonAnswer.NO_STORE);
        written.setInt(CONTENT_LENGTH, body.length);
        ends.cors().say(headers, () -> new HttpHeaders(new Netty4HeadersAdapter(written)));
        if (ends.drain().asksToLeave(connection()) || isLast) {
            written.set(CONNECTION, HttpHeaderValues.CLOSE);
        }
        if (isAdmitted) {
            counted.count(answer.status(), System.nanoTime() - began);
        }
        return response.send(Mono.just(Unpooled.wrappedBuffer(body))).then();
    }
}
