package io.portcullis.redis;

import io.lettuce.core.RedisNoScriptException;
import io.portcullis.session.StoreUnavailableException;
import io.portcullis.session.UnreadableRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.ReactiveScriptingCommands;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Runs scripts over one shared connection and never blocks its caller. Spring Data makes that connection on the thread
 * that asks first, which waits for it, and takes a lock at every use: here it is made in the background and kept. Until it
 * is there whoever asks is told so at once; afterwards Lettuce reconnects by itself.
 */
public final class ScriptRunner {
    private static final Logger log = LoggerFactory.getLogger(ScriptRunner.class);

    private final ReactiveRedisConnectionFactory connections;
    private final AtomicBoolean connecting = new AtomicBoolean();
    private volatile @Nullable ReactiveScriptingCommands commands;

    public ScriptRunner(ReactiveRedisConnectionFactory connections) {
        this.connections = connections;
    }

    /** Makes the connection on another thread; completes when it is there, or errors when Redis cannot be reached. */
    public Mono<Void> connect() {
        return Mono.fromCallable(() -> connections.getReactiveConnection().scriptingCommands())
                .subscribeOn(Schedulers.boundedElastic())
                .doOnNext(connected -> {
                    commands = connected;
                    log.info("Connected to Redis");
                })
                .then();
    }

    /** Connects, unless that is being done. */
    public void connectInBackground() {
        if (connecting.compareAndSet(false, true)) {
            connect()
                    .doFinally(signal -> connecting.set(false))
                    .subscribe(
                            nothing -> {},
                            e -> log.warn(
                                    "Redis cannot be reached: {}",
                                    NestedExceptionUtils.getMostSpecificCause(e).getMessage()));
        }
    }

    /**
     * Runs a script: one round trip, and a second one where the server does not know it yet.
     *
     * @return a list of strings and numbers, or a string, as the script says
     */
    Mono<Object> run(Script script, List<String> keys, List<String> arguments) {
        return Mono.defer(() -> {
            ReactiveScriptingCommands connected = commands;
            if (connected == null) {
                connectInBackground();
                return Mono.error(new RedisConnectionFailureException("not connected to Redis yet"));
            }
            return connected
                    .evalSha(script.sha1(), script.answer(), keys.size(), buffers(keys, arguments))
                    .onErrorResume(
                            ScriptRunner::isUnknownScript,
                            e -> connected.eval(
                                    script.text().duplicate(), script.answer(), keys.size(), buffers(keys, arguments)))
                    // neither Lettuce nor Spring Data makes anything else of a reset
                    .onErrorMap(
                            IOException.class,
                            e -> new RedisConnectionFailureException("the connection to Redis broke", e))
                    .next()
                    .map(ScriptRunner::decode);
        });
    }

    /** Completes when Redis has run a script that does nothing; errors when it cannot be reached. */
    public Mono<Void> check() {
        return Mono.defer(() -> {
            ReactiveScriptingCommands connected = commands;
            if (connected == null) {
                connectInBackground();
                return Mono.error(new RedisConnectionFailureException("not connected to Redis yet"));
            }
            return connected
                    .eval(StandardCharsets.UTF_8.encode("return 1"), ReturnType.INTEGER, 0)
                    .then();
        });
    }

    /** What a failure to run a script is to whoever asked the store. */
    static StoreUnavailableException failure(DataAccessException e) {
        String message =
                String.valueOf(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
        return message.startsWith("FORMAT") || message.startsWith("WRONGTYPE")
                ? new UnreadableRecordException("Redis has a record that is not readable here", e)
                : new StoreUnavailableException("Redis did not run a script", e);
    }

    private static boolean isUnknownScript(Throwable e) {
        return e instanceof DataAccessException && e.getCause() instanceof RedisNoScriptException;
    }

    private static ByteBuffer[] buffers(List<String> keys, List<String> arguments) {
        return Stream.concat(keys.stream(), arguments.stream())
                .map(StandardCharsets.UTF_8::encode)
                .toArray(ByteBuffer[]::new);
    }

    private static Object decode(Object answer) {
        if (answer instanceof List<?> list) {
            return list.stream().map(ScriptRunner::decode).toList();
        }
        return answer instanceof ByteBuffer bytes
                ? StandardCharsets.UTF_8.decode(bytes).toString()
                : answer;
    }
}
