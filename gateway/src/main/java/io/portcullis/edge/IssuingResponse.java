package io.portcullis.edge;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A response that may issue a session. Holds back a successful JSON body up to a limit and lets the {@link SessionOpener}
 * change it; everything else streams through.
 */
final class IssuingResponse extends ServerHttpResponseDecorator {
    /** Fields that speak of the exact bytes (RFC 9110, 8.8.3; RFC 9530) and would not be true of others. */
    private static final List<String> OF_THE_BYTES =
            List.of(HttpHeaders.ETAG, "Content-MD5", "Digest", "Content-Digest", "Repr-Digest");

    private static final Set<Integer> ISSUING = Set.of(200, 201);

    private final Realm realm;
    private final SessionOpener opener;

    IssuingResponse(ServerHttpResponse response, Realm realm, SessionOpener opener) {
        super(response);
        this.realm = realm;
        this.opener = opener;
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        HttpStatusCode status = getStatusCode();
        if (status == null || !ISSUING.contains(status.value())) {
            return super.writeWith(body);
        }
        ContentCoding coding = ContentCoding.of(getHeaders());
        if (coding == null || !isJson() || getHeaders().getContentLength() > opener.bodyLimit()) {
            opener.unreadable(realm);
            return super.writeWith(body);
        }
        return super.writeWith(rewrite(Flux.from(body), coding));
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
            HeldBody held = new HeldBody();
            return body.<DataBuffer>concatMap(held::next)
                    .concatWith(Mono.defer(() -> held.isOver() ? Mono.empty() : finish(held.bytes(), coding)))
                    // the backend broke off: what it had said passes, and then the break
                    .onErrorResume(
                            e -> !held.isOver(),
                            e -> Mono.justOrEmpty(held.release())
                                    .map(bufferFactory()::wrap)
                                    .cast(DataBuffer.class)
                                    .concatWith(Mono.error(e)));
        });
    }

    private Mono<DataBuffer> finish(byte[] body, ContentCoding coding) {
        return opener.open(realm, coding, body)
                .doOnNext(changed -> {
                    OF_THE_BYTES.forEach(getHeaders()::remove);
                    if (getHeaders().getContentLength() >= 0) {
                        getHeaders().setContentLength(changed.length);
                    }
                })
                .switchIfEmpty(Mono.just(body))
                .filter(bytes -> bytes.length > 0)
                .map(bufferFactory()::wrap);
    }

    /** The part of a body that is held back, until it is complete or over the limit. */
    private final class HeldBody {
        private @Nullable ByteArrayOutputStream held = new ByteArrayOutputStream();

        Publisher<DataBuffer> next(DataBuffer buffer) {
            if (held == null) {
                return Mono.just(buffer);
            }
            byte[] bytes = new byte[buffer.readableByteCount()];
            buffer.read(bytes);
            DataBufferUtils.release(buffer);
            held.writeBytes(bytes);
            if (held.size() <= opener.bodyLimit()) {
                return Mono.empty();
            }
            opener.unreadable(realm);
            return Mono.just(bufferFactory().wrap(release()));
        }

        boolean isOver() {
            return held == null;
        }

        byte[] bytes() {
            return held == null ? new byte[0] : held.toByteArray();
        }

        byte[] release() {
            byte[] bytes = bytes();
            held = null;
            return bytes;
        }
    }
}
