package io.portcullis.redis;

import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.RedisConnectionFailureException;
import reactor.core.publisher.Mono;

/** What it means that a script failed: whether it was sent, and whether asking again may help. */
final class ScriptFailures {
    /** A command was not sent. */
    static final class NotSentException extends RedisConnectionFailureException {
        private static final long serialVersionUID = 1L;

        NotSentException() {
            super("not connected to Redis yet");
        }

        NotSentException(Throwable cause) {
            super("not connected to Redis", cause);
        }
    }

    private ScriptFailures() {}

    /**
     * What fails on the thread that sends it and before that has gone on was not sent: Lettuce has no connection, or too much
     * waits for it. Whatever Redis, its end or its silence come to is told later or on another thread.
     */
    static <T> Mono<T> sent(Mono<T> asked) {
        return Mono.fromDirect(asking -> {
            AtomicReference<@Nullable Thread> sender = new AtomicReference<>(Thread.currentThread());
            asked.onErrorMap(
                            DataAccessException.class,
                            e -> sender.get() == Thread.currentThread() || isOfConnecting(e)
                                    ? new NotSentException(e)
                                    : e)
                    .subscribe(asking);
            sender.set(null);
        });
    }

    private static boolean isOfConnecting(Throwable e) {
        return e.getCause() instanceof RedisConnectionException;
    }

    /** What a failure to run a script is to whoever asked the store. */
    static StoreUnavailableException forTheStore(DataAccessException e) {
        if (e instanceof NotSentException) {
            return new NotDoneException("Redis was not asked", e);
        }
        String message =
                String.valueOf(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
        return message.startsWith("FORMAT") || message.startsWith("WRONGTYPE")
                ? new UnreadableRecordException("Redis has a record that is not readable here", e)
                : new StoreUnavailableException("Redis did not run a script", e);
    }

    /** Of a reset, and of a node of a cluster that cannot be connected to, Spring Data makes nothing. */
    static Throwable asDataAccess(Throwable e) {
        Throwable failure = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        if (failure instanceof RedisException || failure instanceof IOException) {
            return new RedisConnectionFailureException("the connection to Redis broke", failure);
        }
        return failure;
    }

    static boolean isUnknownScript(Throwable e) {
        return e instanceof DataAccessException && e.getCause() instanceof RedisNoScriptException;
    }
}
