package io.portcullis.edge;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Flux;

/** A request whose body is copied as it passes, up to a limit: nothing of it is held back or changed. */
final class TappedRequest extends ServerHttpRequestDecorator {
    private final int limit;
    /** Synchronized by itself: request and answer may be on different event loops. */
    private final ByteArrayOutputStream copy = new ByteArrayOutputStream();

    private volatile boolean overLimit;

    /** @param limit bytes */
    TappedRequest(ServerHttpRequest request, int limit) {
        super(request);
        this.limit = limit;
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return super.getBody().doOnSubscribe(again -> copy.reset()).doOnNext(this::copy);
    }

    private void copy(DataBuffer buffer) {
        int size = buffer.readableByteCount();
        if (overLimit || size > limit - copy.size()) {
            overLimit = true;
            copy.reset();
            return;
        }
        byte[] bytes = new byte[size];
        buffer.toByteBuffer(ByteBuffer.wrap(bytes));
        copy.writeBytes(bytes);
    }

    /** What has passed so far; null if that is over the limit. */
    byte @Nullable [] passed() {
        return overLimit ? null : copy.toByteArray();
    }
}
