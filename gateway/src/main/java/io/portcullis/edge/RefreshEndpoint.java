package io.portcullis.edge;

import io.netty.util.concurrent.EventExecutor;
import io.portcullis.edge.RefreshOutcome.AnsweredByBackend;
import io.portcullis.edge.RefreshOutcome.Issued;
import io.portcullis.edge.RefreshOutcome.RefusedByBackend;
import io.portcullis.edge.RefreshOutcome.Undecided;
import io.portcullis.edge.RefreshRequest.Complete;
import io.portcullis.edge.RefreshRequest.Limited;
import io.portcullis.edge.RefreshRequest.TooLarge;
import io.portcullis.edge.RefreshRequest.TooSlow;
import io.portcullis.limit.Admission;
import io.portcullis.limit.Admission.TooMany;
import io.portcullis.operations.SessionEvents;
import io.portcullis.session.SessionStore;
import io.portcullis.session.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.util.context.Context;

/**
 * The refresh endpoint over HTTP: reads the request, lets {@link RefreshTokenGrant} decide, writes the answer. A decision
 * that was sent to the store is finished even if the client goes away, and an answer that did not reach the client is
 * noted, so that the same request sent again is not taken for theft.
 */
public final class RefreshEndpoint {
    private static final Logger log = LoggerFactory.getLogger(RefreshEndpoint.class);

    private static final String METHODS = "OPTIONS, POST";
    /** Bytes of a body that are read, though perhaps not kept: a client that is told before it has sent all may see a reset. */
    private static final int READ_MAX = 1 << 20;
    /** How long a body may take that is known to be over the limit. */
    private static final Duration READ_FOR_NOTHING = Duration.ofSeconds(1);

    private final RefreshTokenGrant grant;
    private final SessionStore store;
    private final SessionEvents events;
    private final ClientAddress clients;
    private final RefreshLimits limits;
    private final int bodyLimit;
    private final Duration bodyTimeout;

    /**
     * The endpoint.
     *
     * @param bodyLimit bytes
     * @param bodyTimeout how long a request's body may take to arrive
     */
    public RefreshEndpoint(
            RefreshTokenGrant grant,
            SessionStore store,
            SessionEvents events,
            ClientAddress clients,
            RefreshLimits limits,
            int bodyLimit,
            Duration bodyTimeout) {
        this.grant = grant;
        this.store = store;
        this.events = events;
        this.clients = clients;
        this.limits = limits;
        this.bodyLimit = bodyLimit;
        this.bodyTimeout = bodyTimeout;
    }

    /** A request that Spring has routed here. */
    Mono<Void> handle(ServerWebExchange exchange) {
        HttpMethod method = exchange.getRequest().getMethod();
        if (HttpMethod.OPTIONS.equals(method)) {
            return JsonAnswer.options(METHODS).to(exchange);
        }
        if (!HttpMethod.POST.equals(method)) {
            return JsonAnswer.methodNotAllowed(METHODS).to(exchange);
        }
        return handle(new RoutedRefresh(exchange, clients, limits), limits.ofClient(exchange));
    }

    /** A POST, whichever way it has come. */
    Mono<Void> handle(RefreshCall call, Admission admission) {
        return read(call, admission)
                // the server answers a body that it cannot decode itself, and ends it as if it were complete
                .flatMap(request -> call.isAnswered() ? Mono.empty() : answer(call, request))
                .contextWrite(context -> context(call, context));
    }

    private static Context context(RefreshCall call, Context context) {
        // a connection that is reset after its request was given up is no news
        Context told = context.put("reactor.onErrorDropped.local", (Consumer<Throwable>) e -> log.debug("Dropped", e));
        EventExecutor loop = call.loop();
        return loop == null ? told : told.put(EventExecutor.class, loop);
    }

    private Mono<Void> answer(RefreshCall call, RefreshRequest request) {
        if (request instanceof Complete complete) {
            return exchangeToken(call, complete);
        }
        if (request instanceof TooLarge) {
            return call.answer(JsonAnswer.tooLarge());
        }
        if (request instanceof Limited limited) {
            return call.refuse(limited.by());
        }
        return call.answer(request instanceof TooSlow ? JsonAnswer.tooSlow() : JsonAnswer.incomplete());
    }

    /**
     * What is not admitted arrives all the same, within the same limits, and is thrown away: a connection that ends before
     * it was read is reset, and its client may take that as leave to send it again.
     */
    private Mono<RefreshRequest> read(RefreshCall call, Admission admission) {
        long length = call.headers().getContentLength();
        int readMax = Math.max(bodyLimit, READ_MAX);
        boolean waits = call.headers().containsHeader(HttpHeaders.EXPECT);
        if (length > (waits ? bodyLimit : readMax)) {
            return Mono.just(new TooLarge());
        }
        return call.body(bodyLimit, readMax, length > bodyLimit ? shorter(bodyTimeout, READ_FOR_NOTHING) : bodyTimeout)
                .<RefreshRequest>map(body -> {
                    if (body.isOverLimit()) {
                        return new TooLarge();
                    }
                    return admission instanceof TooMany tooMany
                            ? new Limited(tooMany)
                            : RefreshRequest.parse(call.headers(), body.bytes());
                })
                .onErrorResume(e -> {
                    if (e instanceof TimeoutException) {
                        return Mono.just(length > bodyLimit ? new TooLarge() : new TooSlow());
                    }
                    // the client broke its request off: nobody waits for an answer
                    return e instanceof AbortedException ? Mono.empty() : Mono.error(e);
                });
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Mono<Void> exchangeToken(RefreshCall call, Complete request) {
        return Mono.deferContextual(context -> answer(
                call, grant.exchange(request.refreshToken(), call.forBackends(request.body()), call::client, context)));
    }

    private Mono<Void> answer(RefreshCall call, RefreshExchange refresh) {
        return refresh.decision(() -> clientIsGone(refresh))
                .flatMap(outcome -> call.answer(answerOf(outcome))
                        .doOnSuccess(nothing -> refresh.delivered())
                        .doOnError(e -> {
                            if (call.isAnswered()) {
                                refresh.delivered();
                            } else {
                                noteUndelivered(refresh, outcome);
                            }
                        }))
                .doOnCancel(() -> {
                    // what was handed to the connection was delivered: a thief could read it and break off on purpose
                    if (call.isAnswered()) {
                        refresh.delivered();
                    } else {
                        clientIsGone(refresh);
                    }
                })
                .onErrorResume(StoreUnavailableException.class, e -> {
                    log.debug("Refresh answered with 503", e);
                    return call.answer(JsonAnswer.unavailable());
                });
    }

    private static JsonAnswer answerOf(RefreshOutcome outcome) {
        if (outcome instanceof Issued issued) {
            return JsonAnswer.tokens(issued.accessToken(), issued.refreshToken(), issued.expiresIn());
        }
        if (outcome instanceof AnsweredByBackend answered) {
            return JsonAnswer.answeredByBackend(answered.answer());
        }
        if (outcome instanceof RefusedByBackend refused) {
            return JsonAnswer.refusedByBackend(refused.answer());
        }
        if (outcome instanceof RefreshOutcome.Limited limited) {
            return JsonAnswer.limited(limited.by());
        }
        return outcome instanceof Undecided ? JsonAnswer.unavailable() : JsonAnswer.refused();
    }

    private void clientIsGone(RefreshExchange refresh) {
        refresh.decisionForNobody()
                .subscribe(
                        outcome -> noteUndelivered(refresh, outcome),
                        e -> log.debug("Not decided, and the client is gone", e));
    }

    private void noteUndelivered(RefreshExchange refresh, RefreshOutcome outcome) {
        if (outcome instanceof Issued issued) {
            events.undelivered(issued.session());
            store.markUndelivered(issued.session(), issued.generation(), issued.attempt())
                    .subscribe(noted -> log.debug("Undelivered: {}, noted {}", issued.session(), noted), e -> {
                        log.debug("Undelivered, and not noted yet: {}", issued.session(), e);
                        refresh.abandon();
                    });
        }
    }
}
