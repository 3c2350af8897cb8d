package io.portcullis.redis;

import io.lettuce.core.RedisReadOnlyException;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.api.async.RedisAdvancedClusterAsyncCommands;
import io.lettuce.core.protocol.AsyncCommand;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * What scripts are run over, until it is left: its server has fallen silent, or has become another's replica. Beneath Spring
 * Data's commands, which take apart and put together what a {@link ScriptCall} takes as it is.
 */
final class ScriptConnection {
    /** Two sendings of a rotation, by default. */
    private static final Duration SILENT_AT_MOST = Duration.ofSeconds(1);

    private final StatefulConnection<String, String> connection;
    private final String master;
    private final ErrorReplies errorReplies;
    private final BiConsumer<ScriptConnection, String> leaving;
    private final Silence silence;

    private ScriptConnection(
            StatefulConnection<String, String> connection,
            String master,
            Silence silence,
            ErrorReplies errorReplies,
            BiConsumer<ScriptConnection, String> leaving) {
        this.connection = connection;
        this.master = master;
        this.silence = silence;
        this.errorReplies = errorReplies;
        this.leaving = leaving;
    }

    /**
     * Takes the connection that Spring Data shares; makes it, and blocks for that, where there is none.
     *
     * @param master the server's address, as a Sentinel named it
     * @param silence of the server, over this connection and those that go with it
     * @param leaving is told that it should be left, and why
     */
    static ScriptConnection of(
            LettuceConnectionFactory connections,
            String master,
            Silence silence,
            ErrorReplies errorReplies,
            BiConsumer<ScriptConnection, String> leaving) {
        try (RedisConnection shared = connections.getConnection()) {
            return new ScriptConnection(stateful(shared.getNativeConnection()), master, silence, errorReplies, leaving);
        }
    }

    /**
     * Whatever type its keys and values have for Spring Data: a command brings the codec that it is written and read with.
     * Lettuce would rather not be asked for it, and Spring Data has no other way to it.
     */
    @SuppressWarnings({"unchecked", "deprecation"})
    private static StatefulConnection<String, String> stateful(Object commands) {
        return (StatefulConnection<String, String>)
                (commands instanceof RedisAsyncCommands<?, ?> ofServer
                        ? ofServer.getStatefulConnection()
                        : ((RedisAdvancedClusterAsyncCommands<?, ?>) commands).getStatefulConnection());
    }

    String master() {
        return master;
    }

    void send(AsyncCommand<String, String, Object> command) {
        connection.dispatch(command);
    }

    void asked() {
        silence.asked();
    }

    void answered() {
        silence.answered();
    }

    void failed(Throwable e) {
        if (e instanceof QueryTimeoutException) {
            notAnswered();
            return;
        }
        silence.answered();
        if (e.getCause() instanceof RedisReadOnlyException) {
            leaving.accept(this, "is another's replica");
        } else {
            errorReplies.say(e);
        }
    }

    void notAnswered() {
        if (silence.isLongerThan(SILENT_AT_MOST)) {
            leaving.accept(this, "has fallen silent");
        }
    }
}
