package io.portcullis.redis;

import io.lettuce.core.RedisException;
import io.portcullis.redis.LoopClients.LoopClient;
import io.portcullis.redis.ScriptConnections.OfLoop;
import io.portcullis.redis.ScriptFailures.NotSentException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/**
 * Runs scripts over kept connections and never blocks its caller. Spring Data makes a connection on the thread
 * that asks first, which waits for it, and takes a lock at every use: here it is made in the background and kept. Until it
 * is there whoever asks is told so at once; afterwards Lettuce reconnects by itself. A server that has fallen silent, has
 * become another's replica, or is not the one any more that the Sentinels name, keeps its connections: they are given up,
 * since another server may have taken over.
 */
public final class ScriptRunner {
    private static final Logger log = LoggerFactory.getLogger(ScriptRunner.class);

    private static final Script NOTHING = Script.of(ReturnType.VALUE, "return 'OK'");

    private final LettuceConnectionFactory connections;
    private final LoopClients loops;
    private final AtomicBoolean connecting = new AtomicBoolean();
    private final NamedMaster named;
    private final ErrorReplies errorReplies = new ErrorReplies();
    /** The connection that Spring Data keeps was left. */
    private final AtomicBoolean wasLeft = new AtomicBoolean();

    private final AtomicReference<@Nullable ScriptConnections> current = new AtomicReference<>();

    /** All threads share one connection. */
    ScriptRunner(LettuceConnectionFactory connections) {
        this(connections, LoopClients.none());
    }

    /** Those loops have connections of their own, and all other threads share one. */
    public ScriptRunner(LettuceConnectionFactory connections, LoopClients loops) {
        this.connections = connections;
        this.loops = loops;
        this.named = new NamedMaster(connections);
    }

    /** Makes the connection on another thread; completes when it is there, or errors when Redis cannot be reached. */
    public Mono<Void> connect() {
        return Mono.fromCallable(this::connected)
                .subscribeOn(Schedulers.boundedElastic())
                .doOnNext(connected -> {
                    current.set(connected);
                    log.info("Connected to Redis");
                    addLoops(connected);
                })
                .then();
    }

    /** One that nobody has left, not even while it was made, to a server that is still master when it is there. */
    private ScriptConnections connected() {
        ScriptConnection made;
        Silence silence = new Silence();
        do {
            if (wasLeft.getAndSet(false)) {
                connections.resetConnection();
                loops.reset();
            }
            String master = named.ask();
            made = ScriptConnection.of(connections, master, silence, errorReplies, this::leave);
            // a frozen one keeps who connects waiting; when it goes on it is not told for seconds that it was replaced
            if (!named.ask().equals(master)) {
                wasLeft.set(true);
            }
        } while (wasLeft.get());
        return new ScriptConnections(made, List.of(), silence);
    }

    /** The loops' own; until they are there, and where one cannot be made, the shared one does. */
    private void addLoops(ScriptConnections connected) {
        List<OfLoop> own = new ArrayList<>();
        for (LoopClient client : loops.all()) {
            if (!connected.equals(current.get())) {
                // they were left meanwhile: each that is still made would keep the next ones waiting
                return;
            }
            try {
                ScriptConnection connection = ScriptConnection.of(
                        client.connections(), connected.master(), connected.silence(), errorReplies, this::leave);
                own.add(new OfLoop(client.loop(), connection));
            } catch (RuntimeException e) {
                log.warn("An event loop has no connection to Redis of its own: {}", ConnectFailures.why(e));
            }
        }
        current.compareAndSet(
                connected, new ScriptConnections(connected.shared(), List.copyOf(own), connected.silence()));
    }

    /** Asks a Sentinel who is master, and leaves a server that is not; without Sentinels it does nothing. */
    public Mono<Void> followMaster() {
        return Mono.fromCallable(named::ask)
                .subscribeOn(Schedulers.boundedElastic())
                .doOnNext(master -> {
                    ScriptConnections used = current.get();
                    if (used != null && !master.equals(used.master())) {
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
    private void leave(ScriptConnection one, String why) {
        ScriptConnections used = current.get();
        if (used != null && used.has(one)) {
            leave(used, why);
        }
    }

    private void leave(ScriptConnections used, String why) {
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
        return run(script, keys, arguments, e -> e);
    }

    /** The same, with failures as they are to whoever asks. */
    Mono<Object> run(Script script, List<String> keys, List<String> arguments, UnaryOperator<Throwable> failures) {
        return call(true, script, keys, arguments, failures);
    }

    /** The same; that it is not answered says nothing of the connection, which in a Cluster is several. */
    Mono<Object> runUnwatched(Script script, List<String> keys, List<String> arguments) {
        return call(false, script, keys, arguments, e -> e);
    }

    /** One step, as every refresh goes through it. */
    private Mono<Object> call(
            boolean isWatched,
            Script script,
            List<String> keys,
            List<String> arguments,
            UnaryOperator<Throwable> failures) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Object> asking) {
                ScriptConnections used = current.get();
                if (used == null) {
                    connectInBackground();
                    Operators.error(asking, failures.apply(new NotSentException()));
                    return;
                }
                asking.onSubscribe(new ScriptCall(used.here(), isWatched, script, keys, arguments, failures, asking));
            }
        };
    }

    /** Completes when Redis has run a script that does nothing; errors when it cannot be reached. */
    public Mono<Void> check() {
        return run(NOTHING, List.of(), List.of()).then();
    }
}
