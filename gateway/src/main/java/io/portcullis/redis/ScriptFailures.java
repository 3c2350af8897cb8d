package io.portcullis.redis;

import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.lettuce.LettuceExceptionConverter;

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

    private static final LettuceExceptionConverter LETTUCE = new LettuceExceptionConverter();

    private ScriptFailures() {}

    /**
     * What a failure of Lettuce's is to whoever runs scripts.
     *
     * @param isUnsent it came on the thread that was sending, before that had gone on: Lettuce has no connection, or too much
     *     waits for it. Whatever Redis, its end or its silence come to is told later or on another thread.
     */
    static Throwable of(Throwable e, boolean isUnsent) {
        Throwable failure = asDataAccess(translated(e));
        return failure instanceof DataAccessException && (isUnsent || isOfConnecting(failure))
                ? new NotSentException(failure)
                : failure;
    }

    private static Throwable translated(Throwable e) {
        DataAccessException translated = e instanceof RuntimeException failure ? LETTUCE.translate(failure) : null;
        return translated == null ? e : translated;
    }

    private static boolean isOfConnecting(Throwable e) {
        return e.getCause() instanceof RedisConnectionException;
    }

    /** What a failure to run a script is to whoever asked the store. */
    static Throwable forTheStore(Throwable e) {
        if (!(e instanceof DataAccessException)) {
            return e;
        }
        if (e instanceof NotSentException) {
            return new NotDoneException("Redis was not asked", e);
        }
        String message =
                String.valueOf(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
        return message.startsWith("FORMAT") || message.startsWith("WRONGTYPE")
                ? new UnreadableRecordException("Redis has a record that is not readable here", e)
                : new StoreUnavailableException("Redis did not run a script", e);
    }

    /** Of a reset, of a node of a cluster that cannot be connected to, and of what was waiting when it closed, Spring Data makes nothing. */
    private static Throwable asDataAccess(Throwable e) {
        Throwable failure = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        if (failure instanceof RedisException
                || failure instanceof IOException
                || failure instanceof CancellationException) {
            return new RedisConnectionFailureException("the connection to Redis broke", failure);
        }
        return failure;
    }
}
