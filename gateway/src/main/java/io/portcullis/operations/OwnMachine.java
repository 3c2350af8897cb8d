package io.portcullis.operations;

import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;

/**
 * Whether a request comes from somebody on the gateway's own machine: from a loopback address, by one of the machine's own names,
 * and not through a proxy, as far as one says so. What cannot be told is a proxy beside the gateway that says nothing.
 */
final class OwnMachine {
    /** A browser on this machine asks whatever name a page has, which may be made to mean this machine. */
    private static final Pattern NAMES =
            Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    /** What proxies, ingresses and meshes add. */
    private static final Pattern OF_PROXIES = Pattern.compile(
            "via|(x[-_])?(forwarded|original|envoy|request[-_]id|(real|(cluster[-_]|true[-_])?client)[-_]ip).*|(cf|l5d)-.*",
            Pattern.CASE_INSENSITIVE);

    private OwnMachine() {}

    static boolean sent(ServerWebExchange exchange) {
        InetAddress address = Operator.addressOf(exchange);
        return address != null && address.isLoopbackAddress() && isMeant(exchange.getRequest());
    }

    private static boolean isMeant(ServerHttpRequest request) {
        List<String> hosts = request.getHeaders().getOrEmpty(HttpHeaders.HOST);
        return hosts.size() == 1
                && NAMES.matcher(hosts.get(0)).matches()
                && request.getHeaders().headerNames().stream()
                        .noneMatch(name -> OF_PROXIES.matcher(name).matches());
    }
}
