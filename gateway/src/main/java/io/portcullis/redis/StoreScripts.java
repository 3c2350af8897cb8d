package io.portcullis.redis;

import io.portcullis.session.StoreUnavailableException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/** The scripts about sessions: what they answer, and what it means to the store that they fail. */
final class StoreScripts {
    private final ScriptRunner scripts;
    private final ServerTime time = new ServerTime();

    StoreScripts(ScriptRunner scripts) {
        this.scripts = scripts;
    }

    /** Errors only with {@link StoreUnavailableException}. */
    Mono<ScriptAnswer> run(Script script, String key, List<String> arguments) {
        return scripts.run(script, List.of(key), arguments, ScriptFailures::forTheStore)
                .map(answer -> new ScriptAnswer((List<?>) answer));
    }

    /** Of a script that is told when its call is given up: errors with {@link NotDoneException} if that was before. */
    Mono<ScriptAnswer> runInTime(Script script, String key, List<String> arguments) {
        return scripts.run(script, List.of(key), arguments, ScriptFailures::forTheStore)
                .handle((values, answers) -> {
                    ScriptAnswer answer = new ScriptAnswer((List<?>) values);
                    if (time.isInTime(answer)) {
                        answers.next(answer);
                    } else {
                        answers.error(new NotDoneException("Redis came to it too late", new TimeoutException()));
                    }
                });
    }

    /** When the call is given up, by Redis' clock; 0 is never. */
    String givenUp(ContextView call) {
        return Long.toString(Deadline.millis(call, time));
    }
}
