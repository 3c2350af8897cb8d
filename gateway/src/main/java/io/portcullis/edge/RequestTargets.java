package io.portcullis.edge;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;

/**
 * Percent-encodes in request targets what browsers send as it is and {@code java.net.URI} refuses (RFC 3986, 2): a raw
 * <code>{</code>, {@code |} or {@code ^} in a query, a lone {@code %}, octets beyond ASCII; and brackets, for which Spring Cloud
 * Gateway would encode all else a second time. A backend decodes to the same.
 */
@Sharable
final class RequestTargets extends ChannelInboundHandlerAdapter {
    private static final String ANYWHERE = "{}|^`\"<>\\";
    private static final String HEX = "0123456789ABCDEF";

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            String encoded = encode(request.uri());
            if (!encoded.equals(request.uri())) {
                request.setUri(encoded);
            }
        } else if (message instanceof Http2HeadersFrame frame) {
            encodePath(frame.headers());
        }
        context.fireChannelRead(message);
    }

    private static void encodePath(Http2Headers headers) {
        // trailers have none
        if (headers.path() != null) {
            String path = headers.path().toString();
            String encoded = encode(path);
            if (!encoded.equals(path)) {
                headers.path(encoded);
            }
        }
    }

    /** The target as {@code java.net.URI} takes it; the very same string where there is nothing to do. */
    static String encode(String target) {
        StringBuilder encoded = null;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (isLegal(target, i)) {
                if (encoded != null) {
                    encoded.append(c);
                }
                continue;
            }
            if (encoded == null) {
                encoded = new StringBuilder(target.length() + 16).append(target, 0, i);
            }
            encoded.append('%').append(HEX.charAt(c >> 4 & 15)).append(HEX.charAt(c & 15));
        }
        return encoded == null ? target : encoded.toString();
    }

    private static boolean isLegal(String target, int index) {
        char c = target.charAt(index);
        if (c == '%') {
            return index + 2 < target.length()
                    && Character.digit(target.charAt(index + 1), 16) >= 0
                    && Character.digit(target.charAt(index + 2), 16) >= 0;
        }
        if (c == '[' || c == ']') {
            // in an absolute target they may stand around an IPv6 address
            return !target.startsWith("/");
        }
        // netty hands octets over one a char; what is beyond them is no octet, and left alone
        return ANYWHERE.indexOf(c) < 0 && (c < 0x80 || c > 0xFF);
    }
}
