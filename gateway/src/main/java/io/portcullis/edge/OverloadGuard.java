package io.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.portcullis.limit.Admission;
import io.portcullis.limit.Admission.Admitted;
import io.portcullis.limit.Admission.TooMany;
import io.portcullis.limit.Overload;
import io.portcullis.limit.Traffic;
import io.portcullis.operations.OverloadEvents;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;

/**
 * Answers with 503 (RFC 9110, 15.6.4) what is too much for this process, before any work is done for it: an answer that comes
 * after its client has given up is worth nothing, and costs as much as any other. A refresh whose client sends too many is
 * answered with 429 then, and takes no turn of another's.
 */
public final class OverloadGuard implements RequestGuard {
    private final Overload overload;
    private final OverloadEvents events;
    private final RefreshLimits limits;
    private final Set<String> refreshPaths;
    private final ApplicationContext context;

    /**
     * The guard of this context's server.
     *
     * @param refreshPaths the paths of the refresh endpoint
     */
    public OverloadGuard(
            Overload overload,
            OverloadEvents events,
            RefreshLimits limits,
            Set<String> refreshPaths,
            ApplicationContext context) {
        this.overload = overload;
        this.events = events;
        this.limits = limits;
        this.refreshPaths = Set.copyOf(refreshPaths);
        this.context = context;
    }

    @Override
    public @Nullable Mono<Void> refusal(ServerWebExchange exchange) {
        // the management server has a context of its own, and the filters of this one
        if (!context.equals(exchange.getApplicationContext())
                || !(ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest()) instanceof Connection client)) {
            return null;
        }
        Traffic traffic = traffic(exchange.getRequest());
        Admission admission = traffic == Traffic.REFRESH ? limits.ofClient(exchange) : new Admitted();
        if (admits(client.channel(), traffic, admission)) {
            return null;
        }
        return admission instanceof TooMany tooMany
                ? limits.refuse(exchange, tooMany)
                : JsonAnswer.unavailable().to(exchange);
    }

    /**
     * Whether there is time for a request. To be called on its loop.
     *
     * @param client what it came on
     * @param admission what its client's limit says of it
     */
    boolean admits(Channel client, Traffic traffic, Admission admission) {
        EventExecutor loop = client.eventLoop();
        if (admission instanceof TooMany) {
            return overload.admitsLimited(loop);
        }
        LoopingConnection.askedElse(client);
        boolean admitted = overload.admits(loop, traffic);
        if (!admitted) {
            events.shed(traffic);
        }
        return admitted;
    }

    private Traffic traffic(ServerHttpRequest request) {
        return HttpMethod.POST.equals(request.getMethod())
                        && refreshPaths.contains(request.getURI().getRawPath())
                ? Traffic.REFRESH
                : Traffic.FORWARDED;
    }
}
