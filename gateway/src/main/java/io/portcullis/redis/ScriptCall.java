package io.portcullis.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.springframework.data.redis.connection.ReturnType;

/**
 * One running of a script: sent when its answer is requested, and a signal when that is there. Every refresh waits for one, so
 * it is one step where operators over Spring Data's would be a dozen.
 */
final class ScriptCall implements Subscription {
    private static final Duration AT_ONCE = Duration.ofMillis(100);

    private final ScriptConnection connection;
    private final boolean isWatched;
    private final Script script;
    private final List<String> keys;
    private final List<String> arguments;
    private final UnaryOperator<Throwable> failures;
    private final Subscriber<? super Object> asking;
    private final AtomicBoolean isRequested = new AtomicBoolean();
    /** Answered, failed or cancelled: once. */
    private final AtomicBoolean isOver = new AtomicBoolean();

    private long askedAt;
    private volatile @Nullable AsyncCommand<String, String, Object> sent;
    /** While a command is on its way to the connection: what fails then and there was not sent. */
    private volatile @Nullable Thread sender;

    /**
     * One running, not yet sent.
     *
     * @param isWatched whether what becomes of it says something of the connection
     * @param failures what a failure is to whoever asks
     */
    ScriptCall(
            ScriptConnection connection,
            boolean isWatched,
            Script script,
            List<String> keys,
            List<String> arguments,
            UnaryOperator<Throwable> failures,
            Subscriber<? super Object> asking) {
        this.connection = connection;
        this.isWatched = isWatched;
        this.script = script;
        this.keys = keys;
        this.arguments = arguments;
        this.failures = failures;
        this.asking = asking;
    }

    @Override
    public void request(long n) {
        if (isOver.get() || !isRequested.compareAndSet(false, true)) {
            return;
        }
        askedAt = System.nanoTime();
        if (isWatched) {
            connection.asked();
        }
        send(CommandType.EVALSHA);
    }

    private void send(CommandType type) {
        CommandArgs<String, String> written = new CommandArgs<>(StringCodec.UTF8);
        written.add(type == CommandType.EVALSHA ? script.sha1() : script.text())
                .add(keys.size())
                .addKeys(keys);
        for (String argument : arguments) {
            // a value Lettuce writes to a buffer of its own first, whose length it does not know
            written.add(argument.getBytes(StandardCharsets.UTF_8));
        }
        AsyncCommand<String, String, Object> command =
                new AsyncCommand<>(new Command<>(type, output(script.answer()), written));
        sent = command;
        if (isOver.get()) {
            return;
        }
        sender = Thread.currentThread();
        command.onComplete((answer, e) -> answered(type, answer, e));
        try {
            connection.send(command);
            sender = null;
        } catch (RuntimeException e) {
            // nobody above would hear of it, and nobody knows whether it was written
            sender = null;
            command.completeExceptionally(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static CommandOutput<String, String, Object> output(ReturnType answer) {
        CommandOutput<String, String, ?> output = answer == ReturnType.MULTI
                ? new NestedMultiOutput<>(StringCodec.UTF8)
                : new ValueOutput<>(StringCodec.UTF8);
        return (CommandOutput<String, String, Object>) output;
    }

    private void answered(CommandType type, @Nullable Object answer, @Nullable Throwable e) {
        if (e instanceof RedisNoScriptException && type == CommandType.EVALSHA && !isOver.get()) {
            send(CommandType.EVAL);
            return;
        }
        if (isOver.getAndSet(true)) {
            return;
        }
        if (e != null) {
            Throwable failure = ScriptFailures.of(e, Thread.currentThread() == sender);
            try {
                if (isWatched) {
                    connection.failed(failure);
                }
            } finally {
                asking.onError(failures.apply(failure));
            }
            return;
        }
        if (isWatched) {
            connection.answered();
        }
        if (answer != null) {
            asking.onNext(answer);
        }
        asking.onComplete();
    }

    /** Whoever asked does not wait any more. What Redis was sent it may carry out all the same. */
    @Override
    public void cancel() {
        if (isOver.getAndSet(true)) {
            return;
        }
        AsyncCommand<String, String, Object> command = sent;
        if (command == null) {
            return;
        }
        command.cancel();
        // one whose time is over when it was just sent says nothing of the connection
        if (isWatched && System.nanoTime() - askedAt > AT_ONCE.toNanos()) {
            connection.notAnswered();
        }
    }
}
