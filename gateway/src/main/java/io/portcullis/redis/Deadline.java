package io.portcullis.redis;

import java.time.Duration;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * When one sending of a call of the store is given up, by this machine's clock that only goes on: what Redis has not begun by then it is
 * not to do, since nobody is told any more. In the context of the call.
 *
 * @param nanoTime as {@link System#nanoTime()} has it
 */
record Deadline(long nanoTime) {
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    Deadline orIfEarlier(Deadline other) {
        return other.nanoTime - nanoTime < 0 ? other : this;
    }

    Context addedTo(Context context) {
        return context.put(Deadline.class, this);
    }

    /** By Redis' clock, ms; 0 where a call has none, or Redis has not said yet what time it is. */
    static long millis(ContextView context, ServerTime redis) {
        return context.hasKey(Deadline.class)
                ? redis.millisAt(context.<Deadline>get(Deadline.class).nanoTime())
                : 0;
    }
}
