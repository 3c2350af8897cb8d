package io.portcullis.edge;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;

/**
 * The client's address of an exchange. It is the peer's, unless the peer is a trusted proxy: then it is the right-most
 * address of the chain that is not trusted. Where the chain ends, or names no address, it is the last proxy's that is
 * known. What stands left of it anybody may have written. A client whose own address is trusted is a proxy: it is believed.
 */
public final class ClientAddress {
    private static final Set<String> SCHEMES = Set.of("http", "https");
    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9._~-]+|\\[[0-9A-Fa-f:.]+])(?::(\\d{1,5}))?");

    private final Predicate<InetAddress> trustedProxies;
    private final boolean proxiesSendForwarded;
    /** What was found out last: one request's host is mostly the next one's too. */
    private volatile Authority last = Authority.of("");

    /**
     * What a {@code Host} says.
     *
     * @param port null if none is named
     */
    private record Authority(
            String text, boolean isHost, @Nullable Integer port) {
        static Authority of(String text) {
            Matcher authority = HOST.matcher(text);
            boolean isHost = authority.matches();
            return new Authority(text, isHost, isHost ? ClientAddress.port(authority.group(2)) : null);
        }
    }

    /**
     * The client's address behind these proxies.
     *
     * @param proxiesSendForwarded whether they say it in {@code Forwarded} (RFC 7239), else in {@code X-Forwarded-*}; the
     *     other is not looked at, since a proxy that does not know it lets it pass from clients
     */
    public ClientAddress(Predicate<InetAddress> trustedProxies, boolean proxiesSendForwarded) {
        this.trustedProxies = trustedProxies;
        this.proxiesSendForwarded = proxiesSendForwarded;
    }

    /** Null if the connection has no address. */
    public @Nullable InetAddress of(ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        return of(request.getHeaders(), request.getRemoteAddress());
    }

    /** The same, of a connection's other end. */
    @Nullable
    InetAddress of(HttpHeaders headers, @Nullable InetSocketAddress remote) {
        return remote != null && isPeer(remote)
                ? remote.getAddress()
                : originOf(headers, remote, "http").client();
    }

    /** Whether that is the client's own address: a trusted proxy's is many clients'. */
    boolean isPeer(@Nullable InetSocketAddress remote) {
        return remote != null && remote.getAddress() != null && !trustedProxies.test(remote.getAddress());
    }

    RequestOrigin originOf(ServerHttpRequest request) {
        String scheme = "https".equals(request.getURI().getScheme()) ? "https" : "http";
        return originOf(request.getHeaders(), request.getRemoteAddress(), scheme);
    }

    private RequestOrigin originOf(HttpHeaders headers, @Nullable InetSocketAddress remote, String ownScheme) {
        String ownHost = headers.getFirst(HttpHeaders.HOST);
        InetAddress peer = remote == null ? null : remote.getAddress();
        if (peer == null || !trustedProxies.test(peer)) {
            return origin(peer, false, ownScheme, ownHost, null);
        }

        List<ForwardedElement> chain = proxiesSendForwarded
                ? ForwardedElement.ofForwarded(headers.getOrEmpty("Forwarded"))
                : ForwardedElement.ofXForwardedFor(headers.getOrEmpty("X-Forwarded-For"));
        InetAddress client = peer;
        ForwardedElement word = null;
        for (ForwardedElement element : chain) {
            word = element;
            InetAddress next = element.node() == null ? null : ForwardedNode.address(element.node());
            if (next == null) {
                break;
            }
            client = next;
            if (!trustedProxies.test(client)) {
                break;
            }
        }

        String scheme = proxiesSendForwarded
                ? (word == null ? null : word.proto())
                : ForwardedElement.newest(headers.getOrEmpty("X-Forwarded-Proto"));
        String host = proxiesSendForwarded
                ? (word == null ? null : word.host())
                : ForwardedElement.newest(headers.getOrEmpty("X-Forwarded-Host"));
        String port = proxiesSendForwarded ? null : ForwardedElement.newest(headers.getOrEmpty("X-Forwarded-Port"));
        return origin(
                client,
                true,
                scheme != null && SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))
                        ? scheme.toLowerCase(Locale.ROOT)
                        : ownScheme,
                host != null && HOST.matcher(host).matches() ? host : ownHost,
                port);
    }

    private Authority authority(String text) {
        Authority known = last;
        if (!known.text().equals(text)) {
            known = Authority.of(text);
            last = known;
        }
        return known;
    }

    private RequestOrigin origin(
            @Nullable InetAddress client,
            boolean isVouchedFor,
            String scheme,
            @Nullable String host,
            @Nullable String port) {
        Authority authority = authority(host == null ? "" : host);
        Integer number = port(port);
        if (number == null) {
            number = authority.port();
        }
        if (number == null) {
            number = scheme.equals("https") ? 443 : 80;
        }
        return new RequestOrigin(client, isVouchedFor, scheme, authority.isHost() ? host : null, number);
    }

    private static @Nullable Integer port(@Nullable String text) {
        if (text == null || !text.matches("\\d{1,5}")) {
            return null;
        }
        int port = Integer.parseInt(text);
        return port >= 1 && port <= 65535 ? port : null;
    }
}
