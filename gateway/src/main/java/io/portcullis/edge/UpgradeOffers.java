package io.portcullis.edge;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Declines what clients offer in {@code Upgrade} (RFC 9110, 7.8), except for WebSocket. {@code h2c} is obsolete (RFC 9113,
 * 3.1) and yet sent by some with each first request, {@code TLS/1.2} by others: reactor-netty would answer 413 to such a
 * request with a body.
 */
@Sharable
final class UpgradeOffers extends ChannelInboundHandlerAdapter {
    private static final String HTTP2_SETTINGS = "http2-settings";
    private static final String WEBSOCKET = "websocket";
    private static final Set<String> OF_THE_OFFER = Set.of("upgrade", HTTP2_SETTINGS);

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            HttpHeaders headers = request.headers();
            if (headers.contains(HttpHeaderNames.UPGRADE)) {
                decline(request, headers);
            }
            headers.remove(HTTP2_SETTINGS);
        }
        context.fireChannelRead(message);
    }

    private static void decline(HttpRequest request, HttpHeaders headers) {
        // a handshake is a GET (RFC 6455, 4.1)
        if (HttpMethod.GET.equals(request.method())
                && headers.containsValue(HttpHeaderNames.UPGRADE, WEBSOCKET, true)) {
            headers.set(HttpHeaderNames.UPGRADE, WEBSOCKET);
            return;
        }
        headers.remove(HttpHeaderNames.UPGRADE);
        List<String> rest = headers.getAll(HttpHeaderNames.CONNECTION).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::trim)
                .filter(option -> !option.isEmpty() && !OF_THE_OFFER.contains(option.toLowerCase(Locale.ROOT)))
                .toList();
        if (rest.isEmpty()) {
            headers.remove(HttpHeaderNames.CONNECTION);
        } else {
            headers.set(HttpHeaderNames.CONNECTION, String.join(", ", rest));
        }
    }
}
