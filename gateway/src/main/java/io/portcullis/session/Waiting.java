package io.portcullis.session;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody waits for what a call of the store comes to; in the context of the call, under this class. What was sent
 * is carried out all the same, and is not sent again for nobody: whoever was to have the answer may be back, and further on,
 * by then.
 */
public final class Waiting {
    /** Of all requests of one attempt, the one whose client had the answer. */
    private final AtomicReference<@Nullable Waiting> answered;

    private volatile boolean over;
    private volatile @Nullable Runnable whenSettled;

    /** For the first request of an attempt. */
    public Waiting() {
        this(new AtomicReference<>());
    }

    private Waiting(AtomicReference<@Nullable Waiting> answered) {
        this.answered = answered;
    }

    /** For another request of the same attempt: its client came back. */
    public Waiting again() {
        return new Waiting(answered);
    }

    /** Nobody waits any more. */
    public void end() {
        over = true;
        answered.compareAndSet(this, null);
    }

    public boolean isOver() {
        return over;
    }

    /** The store has answered. */
    public void answered() {
        answered.set(this);
        if (over) {
            answered.compareAndSet(this, null);
        }
    }

    /** What is to be done when {@link #settled()} is called. */
    public void whenSettled(Runnable then) {
        whenSettled = then;
    }

    /** The answer was handed to the connection, or there is none that somebody could miss. */
    public void settled() {
        Runnable then = whenSettled;
        if (then != null) {
            then.run();
        }
    }

    /** Whether the client has had the answer in another request of the attempt. */
    public boolean isAnsweredElsewhere() {
        Waiting one = answered.get();
        return one != null && one != this;
    }
}
