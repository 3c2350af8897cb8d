package io.portcullis.edge;

import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.Channel;
import io.portcullis.limit.Admission;
import io.portcullis.limit.Admission.TooMany;
import io.portcullis.limit.ClientNetwork;
import io.portcullis.limit.Limiter;
import io.portcullis.operations.LimitEvents;
import io.portcullis.operations.LimitEvents.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;

/**
 * How many refresh requests a client's network may send, and how many there may be of one session. Each replica counts for
 * itself, in memory.
 */
public final class RefreshLimits {
    private static final String OF_THE_REQUEST = RefreshLimits.class.getName();

    private final ClientAddress clients;
    private final Limiter<ClientNetwork> networks;
    private final Limiter<String> sessions;
    private final int ipv6Prefix;
    private final LimitEvents events;

    /**
     * Limits that nobody has met yet.
     *
     * @param perAddress requests a minute; 0 is any number
     * @param perSession requests a minute; 0 is any number
     * @param ipv6Prefix bits of an IPv6 address that are one client's
     * @param tracked how many clients, and how many sessions, are counted each for itself
     */
    public RefreshLimits(
            ClientAddress clients,
            int perAddress,
            int addressBurst,
            int perSession,
            int sessionBurst,
            int ipv6Prefix,
            int tracked,
            LimitEvents events) {
        this.clients = clients;
        this.networks = limiter(perAddress, addressBurst, tracked, () -> events.shared(Kind.ADDRESS));
        this.sessions = limiter(perSession, sessionBurst, tracked, () -> events.shared(Kind.SESSION));
        this.ipv6Prefix = ipv6Prefix;
        this.events = events;
    }

    private static <K> Limiter<K> limiter(int perMinute, int burst, int tracked, Runnable whenShared) {
        return new Limiter<>(perMinute, burst, tracked, whenShared, Ticker.systemTicker(), Scheduler.systemScheduler());
    }

    /** The request counts once, and whoever asks again is told the same. */
    Admission ofClient(ServerWebExchange exchange) {
        return (Admission)
                exchange.getAttributes().computeIfAbsent(OF_THE_REQUEST, first -> ofClient(clients.of(exchange)));
    }

    /** Another request of that one. */
    Admission ofClient(@Nullable InetAddress client) {
        return told(Kind.ADDRESS, networks.admit(ClientNetwork.of(client, ipv6Prefix)), () -> client);
    }

    /** The answer where {@link #ofClient} has said so. It is the connection's answer too, if that is the client's own. */
    Mono<Void> refuse(ServerWebExchange exchange, TooMany tooMany) {
        if (ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest()) instanceof Connection client) {
            // not before: the rest of this request is still to be read
            exchange.getResponse()
                    .beforeCommit(() -> Mono.fromRunnable(() -> {
                        if (isLast(client.channel(), exchange.getRequest().getRemoteAddress())) {
                            exchange.getResponse().getHeaders().setConnection(List.of("close"));
                        }
                    }));
        }
        return JsonAnswer.limited(tooMany).to(exchange);
    }

    /**
     * Whether the connection ends with such an answer, which is being written: in HTTP/1.1 more requests may wait on it. HTTP/2
     * has a limit for them, and netty leaves the header out there.
     */
    boolean isLast(Channel client, @Nullable InetSocketAddress remote) {
        return clients.isPeer(remote) && LoopingConnection.limited(client);
    }

    /** @param session its id, or another name that a token of it always has */
    Admission ofSession(String session, Supplier<@Nullable InetAddress> client) {
        return told(Kind.SESSION, sessions.admit(session), client);
    }

    private Admission told(Kind kind, Admission admission, Supplier<@Nullable InetAddress> client) {
        if (admission instanceof TooMany) {
            events.limited(kind, client);
        }
        return admission;
    }
}
