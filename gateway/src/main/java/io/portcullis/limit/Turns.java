package io.portcullis.limit;

import java.util.Collection;

/** What was let in on one event loop since its delay was measured. Confined to that loop. */
final class Turns {
    /** Of each kind: so few do not make a loop late, or it is not they who do. */
    static final int ALWAYS_ADMITTED = 32;

    private final LoopDelay delay;
    private int refreshes;
    private int forwarded;
    private long measurement;

    Turns(LoopDelay delay) {
        this.delay = delay;
    }

    LoopDelay delay() {
        return delay;
    }

    /**
     * Lets a request in, or does not.
     *
     * @param most nanoseconds
     * @param store the delays of the loops that speak to the store
     */
    boolean admit(Traffic traffic, long most, Collection<LoopDelay> store) {
        if (measurement != delay.measurement()) {
            measurement = delay.measurement();
            refreshes = 0;
            forwarded = 0;
        }
        if (traffic == Traffic.REFRESH) {
            boolean isAdmitted = refreshes < ALWAYS_ADMITTED
                    || (isInTime(refreshes, forwarded, most) && store.stream().noneMatch(loop -> loop.nanos() > most));
            refreshes += isAdmitted ? 1 : 0;
            return isAdmitted;
        }
        boolean isAdmitted = forwarded < ALWAYS_ADMITTED || isInTime(forwarded, refreshes, most);
        forwarded += isAdmitted ? 1 : 0;
        return isAdmitted;
    }

    /** Later than twice the most, nobody has time to wait; before that, those have it of whom fewer were let in. */
    private boolean isInTime(int own, int others, long most) {
        long late = delay.nanos();
        return late <= most || (late <= 2 * most && own < others);
    }
}
