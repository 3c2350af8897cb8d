package io.portcullis.edge;

import io.portcullis.operations.Untouched;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A response that may issue a session, in a successful JSON body or in the {@code Location} of a redirect. Holds such a
 * body back up to a limit and puts the tokens of the {@link SessionOpener} into it; everything else streams through.
 */
final class IssuingResponse extends ServerHttpResponseDecorator {
    /**
     * Fields that speak of the exact bytes (RFC 9110, 8.8 and 14.3; RFC 9530) and would not be true of others, or have a
     * client ask for more of them.
     */
    private static final List<String> OF_THE_BYTES = List.of(
            HttpHeaders.ETAG,
            HttpHeaders.LAST_MODIFIED,
            HttpHeaders.ACCEPT_RANGES,
            "Content-MD5",
            "Digest",
            "Content-Digest",
            "Repr-Digest");

    private static final String HELD = IssuingResponse.class.getName() + ".held";
    private static final String CHANGED = IssuingResponse.class.getName() + ".changed";
    private static final Set<Integer> ISSUING = Set.of(200, 201);
    private static final Set<Integer> REDIRECTING = Set.of(302, 303);

    private final ServerWebExchange exchange;
    private final Realm realm;
    private final SessionOpener opener;
    private final Supplier<@Nullable InetAddress> client;
    private final ReadableCodings codings;

    /** @param client whom to name, should the operator be told */
    IssuingResponse(
            ServerWebExchange exchange,
            Realm realm,
            SessionOpener opener,
            Supplier<@Nullable InetAddress> client,
            ReadableCodings codings) {
        super(exchange.getResponse());
        this.exchange = exchange;
        this.realm = realm;
        this.opener = opener;
        this.client = client;
        this.codings = codings;
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        HttpStatusCode status = getStatusCode();
        if (status != null && REDIRECTING.contains(status.value())) {
            return redirect(body);
        }
        if (status == null || !ISSUING.contains(status.value())) {
            return super.writeWith(body);
        }
        ContentCoding coding = codings.of(getHeaders());
        if (HttpMethod.HEAD.equals(exchange.getRequest().getMethod()) && coding != null && isJson()) {
            // they speak of the body that a GET would have, and that one may be changed
            forgetTheBytes();
            getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
            return super.writeWith(body);
        }
        if (coding == null || !isJson() || getHeaders().getContentLength() > opener.bodyLimit()) {
            opener.untouched(realm, Untouched.UNREADABLE, client);
            return super.writeWith(body);
        }
        exchange.getAttributes().put(HELD, true);
        return super.writeWith(rewrite(Flux.from(body), coding));
    }

    private Mono<Void> redirect(Publisher<? extends DataBuffer> body) {
        String location = getHeaders().getFirst(HttpHeaders.LOCATION);
        IssuingLocation issuing = location == null ? null : IssuingLocation.recognize(location);
        if (issuing == null) {
            opener.untouched(realm, Untouched.NO_TOKENS, client);
            return super.writeWith(body);
        }
        return opener.open(realm, issuing.accessToken(), client)
                .doOnNext(tokens -> {
                    getHeaders().set(HttpHeaders.LOCATION, issuing.with(tokens));
                    // a redirect's body repeats its location, with the backend's tokens
                    forgetTheBytes();
                    getHeaders().remove(HttpHeaders.CONTENT_ENCODING);
                    getHeaders().setContentLength(0);
                })
                .hasElement()
                .flatMap(changed -> changed
                        // it is complete with its head, whatever becomes of the body
                        ? super.writeWith(Flux.empty())
                                .then(Flux.from(body)
                                        .doOnNext(DataBufferUtils::release)
                                        .then()
                                        .onErrorComplete())
                        : super.writeWith(body));
    }

    /** Whether the head must wait until it is known what becomes of the body. */
    static boolean isHeld(ServerWebExchange exchange) {
        return exchange.getAttributes().containsKey(HELD);
    }

    /** Whether the body is not the backend's any more. */
    static boolean isChanged(ServerWebExchange exchange) {
        return exchange.getAttributes().containsKey(CHANGED);
    }

    /** Whether a field of that name, header or trailer, would not be true of other bytes. */
    static boolean isOfTheBytes(String name) {
        return OF_THE_BYTES.stream().anyMatch(name::equalsIgnoreCase);
    }

    private void forgetTheBytes() {
        OF_THE_BYTES.forEach(getHeaders()::remove);
        exchange.getAttributes().put(CHANGED, true);
    }

    private boolean isJson() {
        try {
            MediaType type = getHeaders().getContentType();
            return type != null && type.isCompatibleWith(MediaType.APPLICATION_JSON);
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    private Flux<DataBuffer> rewrite(Flux<? extends DataBuffer> body, ContentCoding coding) {
        return Flux.defer(() -> {
            HeldBody held = new HeldBody(opener.bodyLimit());
            return body.concatMap(buffer -> next(held, buffer))
                    .concatWith(Mono.defer(() -> held.isReleased() ? Mono.empty() : finish(held.release(), coding)))
                    // the backend broke off: what it had said passes, and then the break
                    .onErrorResume(
                            e -> !held.isReleased(),
                            e -> Mono.just(held.release())
                                    .filter(bytes -> bytes.length > 0)
                                    .<DataBuffer>map(bufferFactory()::wrap)
                                    .concatWith(Mono.error(e)));
        });
    }

    private Mono<DataBuffer> next(HeldBody held, DataBuffer buffer) {
        if (held.isReleased()) {
            return Mono.just(buffer);
        }
        if (held.holds(buffer)) {
            return Mono.empty();
        }
        opener.untouched(realm, Untouched.UNREADABLE, client);
        return Mono.just(bufferFactory().wrap(held.release()));
    }

    private Mono<DataBuffer> finish(byte[] body, ContentCoding coding) {
        return open(body, coding)
                .doOnNext(changed -> {
                    forgetTheBytes();
                    if (getHeaders().getContentLength() >= 0) {
                        getHeaders().setContentLength(changed.length);
                    }
                })
                .switchIfEmpty(Mono.just(body))
                .filter(bytes -> bytes.length > 0)
                .map(bufferFactory()::wrap);
    }

    private Mono<byte[]> open(byte[] body, ContentCoding coding) {
        byte @Nullable [] json = coding.decode(body, opener.bodyLimit());
        IssuingBody issuing = json == null ? null : IssuingBody.recognize(json);
        if (issuing == null) {
            opener.untouched(realm, json == null ? Untouched.UNREADABLE : Untouched.NO_TOKENS, client);
            return Mono.empty();
        }
        return opener.open(realm, issuing.accessToken(), client)
                .map(tokens -> coding.encode(issuing.with(tokens), body));
    }
}
