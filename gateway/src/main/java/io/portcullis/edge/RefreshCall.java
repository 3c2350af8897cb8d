package io.portcullis.edge;

import io.netty.util.concurrent.EventExecutor;
import io.portcullis.limit.Admission.TooMany;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Mono;

/** A refresh request that has come, and the way back to its client: through Spring, or on the connection itself. */
sealed interface RefreshCall permits RoutedRefresh, DirectRefresh {

    HttpHeaders headers();

    /**
     * Its body; to be read once. Errors with {@link java.util.concurrent.TimeoutException} where it has not arrived in time.
     *
     * @param limit how many bytes are kept
     * @param readMax after how many bytes nothing more is read
     */
    Mono<ReceivedBody> body(int limit, int readMax, Duration timeout);

    /** That of its connection, which timers are to be on; null for Reactor's. */
    @Nullable
    EventExecutor loop();

    /** Null if the connection has no address. */
    @Nullable
    InetAddress client();

    /** What backends are asked with; null where they are not asked. */
    @Nullable
    ClientRequest forBackends(ByteBuffer body);

    /** Whether the head of an answer was handed to the connection. */
    boolean isAnswered();

    /** Completes when the answer was written; errors where it could not be. */
    Mono<Void> answer(JsonAnswer answer);

    /** The answer for one of too many. */
    Mono<Void> refuse(TooMany by);
}
