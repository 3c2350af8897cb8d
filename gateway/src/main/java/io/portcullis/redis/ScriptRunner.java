package io.portcullis.redis;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisReadOnlyException;
import io.portcullis.redis.ScriptFailures.NotSentException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.ReactiveScriptingCommands;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Runs scripts over one shared connection and never blocks its caller. Spring Data makes that connection on the thread
 * that asks first, which waits for it, and takes a lock at every use: here it is made in the background and kept. Until it
 * is there whoever asks is told so at once; afterwards Lettuce reconnects by itself. A server that has fallen silent, has
 * become another's replica, or is not the one any more that the Sentinels name, keeps its connections: they are given up,
 * since another server may have taken over.
 */
public final class ScriptRunner {
    private static final Logger log = LoggerFactory.getLogger(ScriptRunner.class);

    /** Two sendings of a rotation, by default. */
    private static final Duration SILENT_AT_MOST = Duration.ofSeconds(1);

    private static final Duration AT_ONCE = Duration.ofMillis(100);

    /** What scripts are run over, until it is left. */
    private static final class Connected {
        private final ReactiveScriptingCommands commands;
        private final String master;
        private final Silence silence = new Silence();

        Connected(ReactiveScriptingCommands commands, String master) {
            this.commands = commands;
            this.master = master;
        }
    }

    private final LettuceConnectionFactory connections;
    private final AtomicBoolean connecting = new AtomicBoolean();
    private final NamedMaster named;
    private final ErrorReplies errorReplies = new ErrorReplies();
    /** The connection that Spring Data keeps was left. */
    private final AtomicBoolean wasLeft = new AtomicBoolean();

    private final AtomicReference<@Nullable Connected> current = new AtomicReference<>();

    public ScriptRunner(LettuceConnectionFactory connections) {
        this.connections = connections;
        this.named = new NamedMaster(connections);
    }

    /** Makes the connection on another thread; completes when it is there, or errors when Redis cannot be reached. */
    public Mono<Void> connect() {
        return Mono.fromCallable(this::connected)
                .subscribeOn(Schedulers.boundedElastic())
                .doOnNext(connected -> {
                    current.set(connected);
                    log.info("Connected to Redis");
                })
                .then();
    }

    /** One that nobody has left, not even while it was made, to a server that is still master when it is there. */
    private Connected connected() {
        ReactiveScriptingCommands commands;
        String master;
        do {
            if (wasLeft.getAndSet(false)) {
                connections.resetConnection();
            }
            master = named.ask();
            commands = scripting(connections);
            // a frozen one keeps who connects waiting; when it goes on it is not told for seconds that it was replaced
            if (!named.ask().equals(master)) {
                wasLeft.set(true);
            }
        } while (wasLeft.get());
        return new Connected(commands, master);
    }

    private static ReactiveScriptingCommands scripting(ReactiveRedisConnectionFactory connections) {
        return connections.getReactiveConnection().scriptingCommands();
    }

    /** Asks a Sentinel who is master, and leaves a server that is not; without Sentinels it does nothing. */
    public Mono<Void> followMaster() {
        return Mono.fromCallable(named::ask)
                .subscribeOn(Schedulers.boundedElastic())
                .doOnNext(master -> {
                    Connected used = current.get();
                    if (used != null && !master.equals(used.master)) {
                        leave(used, "may be master no more");
                    }
                })
                .onErrorComplete(RedisException.class)
                .then();
    }

    /** The server that a Sentinel named last: who is connected to another should connect again. */
    String master() {
        return named.last();
    }

    /** Connects, unless that is being done. */
    public void connectInBackground() {
        if (connecting.compareAndSet(false, true)) {
            connect()
                    .doFinally(signal -> connecting.set(false))
                    .subscribe(nothing -> {}, e -> log.warn("Redis cannot be reached: {}", ConnectFailures.why(e)));
        }
    }

    /** Connects to whoever is the server now, unless that connection was left before. */
    private void leave(Connected used, String why) {
        if (!used.equals(current.get())) {
            return;
        }
        // first, since whoever sees that there is no connection makes one
        wasLeft.set(true);
        if (current.compareAndSet(used, null)) {
            log.warn("Redis {}: its connection is given up", why);
            connectInBackground();
        }
    }

    /**
     * Runs a script: one round trip, and a second one where the server does not know it yet.
     *
     * @return a list of strings and numbers, or a string, as the script says
     */
    Mono<Object> run(Script script, List<String> keys, List<String> arguments) {
        return run(script, keys, arguments, this::watched);
    }

    /** The same; that it is not answered says nothing of the connection, which in a Cluster is several. */
    Mono<Object> runUnwatched(Script script, List<String> keys, List<String> arguments) {
        return run(script, keys, arguments, (used, asked) -> asked);
    }

    private Mono<Object> run(
            Script script,
            List<String> keys,
            List<String> arguments,
            BiFunction<Connected, Mono<Object>, Mono<Object>> watching) {
        return Mono.defer(() -> {
            Connected used = current.get();
            if (used == null) {
                connectInBackground();
                return Mono.error(new NotSentException());
            }
            return watching.apply(
                            used,
                            ScriptFailures.sent(used.commands
                                    .evalSha(script.sha1(), script.answer(), keys.size(), buffers(keys, arguments))
                                    .onErrorResume(
                                            ScriptFailures::isUnknownScript,
                                            e -> used.commands.eval(
                                                    script.text().duplicate(),
                                                    script.answer(),
                                                    keys.size(),
                                                    buffers(keys, arguments)))
                                    .onErrorMap(ScriptFailures::asDataAccess)
                                    .next()))
                    .map(ScriptRunner::decode);
        });
    }

    /** Completes when Redis has run a script that does nothing; errors when it cannot be reached. */
    public Mono<Void> check() {
        return Mono.defer(() -> {
            Connected used = current.get();
            if (used == null) {
                connectInBackground();
                return Mono.error(new NotSentException());
            }
            return watched(
                            used,
                            used.commands
                                    .eval(StandardCharsets.UTF_8.encode("return 1"), ReturnType.INTEGER, 0)
                                    .onErrorMap(ScriptFailures::asDataAccess)
                                    .next())
                    .then();
        });
    }

    private <T> Mono<T> watched(Connected used, Mono<T> asked) {
        return Mono.defer(() -> {
            AtomicBoolean isAnswered = new AtomicBoolean();
            long asking = System.nanoTime();
            used.silence.asked();
            return asked.doOnSuccess(answer -> {
                        isAnswered.set(true);
                        used.silence.answered();
                    })
                    .doOnError(e -> failed(used, e))
                    // who cannot use an answer cancels too, and whose time is over when it was just sent
                    .doOnCancel(() -> {
                        if (!isAnswered.get() && System.nanoTime() - asking > AT_ONCE.toNanos()) {
                            notAnswered(used);
                        }
                    });
        });
    }

    private void failed(Connected used, Throwable e) {
        if (e instanceof QueryTimeoutException) {
            notAnswered(used);
            return;
        }
        used.silence.answered();
        if (e.getCause() instanceof RedisReadOnlyException) {
            leave(used, "is another's replica");
        } else {
            errorReplies.say(e);
        }
    }

    private void notAnswered(Connected used) {
        if (used.silence.isLongerThan(SILENT_AT_MOST)) {
            leave(used, "has fallen silent");
        }
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
