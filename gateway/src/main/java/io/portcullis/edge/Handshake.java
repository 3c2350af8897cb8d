package io.portcullis.edge;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.server.HttpServerRequest;

/** The opening handshake of a WebSocket (RFC 6455, 4). */
final class Handshake {
    static final String WEBSOCKET = "websocket";

    private static final String KEY = "Sec-WebSocket-Key";
    private static final String VERSION = "Sec-WebSocket-Version";
    private static final String ACCEPT = "Sec-WebSocket-Accept";
    private static final String OF_THE_PROTOCOL = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private Handshake() {}

    /** Whether a request is one (4.1). Which version it is in, the backend is to judge. */
    static boolean isAsked(ServerHttpRequest request) {
        HttpHeaders headers = request.getHeaders();
        return request.getMethod().equals(HttpMethod.GET)
                && WEBSOCKET.equalsIgnoreCase(headers.getUpgrade())
                && headers.getConnection().stream().anyMatch("upgrade"::equalsIgnoreCase)
                && headers.getOrEmpty(KEY).size() == 1
                && headers.containsHeader(VERSION)
                && !headers.containsHeader(HttpHeaders.TRANSFER_ENCODING)
                && headers.getContentLength() <= 0
                && ServerHttpRequestDecorator.getNativeRequest(request) instanceof HttpServerRequest wire
                && wire.version().equals(HttpVersion.HTTP_1_1);
    }

    /**
     * Whether a backend's 101 speaks of this very request (4.2.2). Any other, such as one that an application was talked into,
     * would open its connection to whatever the client likes to send.
     */
    static boolean isAgreed(ServerHttpRequest request, HttpClientResponse answer) {
        String key = request.getHeaders().getFirst(KEY);
        return key != null
                && answer.responseHeaders().containsValue(HttpHeaderNames.UPGRADE, WEBSOCKET, true)
                && answer.responseHeaders().getAll(ACCEPT).equals(List.of(accept(key)));
    }

    private static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1")
                    .digest((key.trim() + OF_THE_PROTOCOL).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
