package io.portcullis.limit;

import java.util.Collection;

/** What was let in on one event loop since its delay was measured. Confined to that loop. */
final class Turns {
    /** Of each kind: so few do not make a loop late, or it is not they who do. */
    static final int ALWAYS_ADMITTED = 32;

    private final LoopDelay delay;
    private int refreshes;
    private int forwarded;
    private int limited;
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
        beginWithTheMeasurement();
        if (traffic == Traffic.REFRESH) {
            boolean isAdmitted = refreshes < ALWAYS_ADMITTED
                    || (isInTime(refreshes, Math.max(forwarded, limited), most) && areInTime(store, most));
            refreshes += isAdmitted ? 1 : 0;
            return isAdmitted;
        }
        boolean isAdmitted = forwarded < ALWAYS_ADMITTED || isInTime(forwarded, Math.max(refreshes, limited), most);
        forwarded += isAdmitted ? 1 : 0;
        return isAdmitted;
    }

    /**
     * Lets a request in whose client sends too many, or does not: it is no refresh that others have to stand behind, and goes
     * before any of them.
     *
     * @param most nanoseconds
     */
    boolean admitLimited(long most) {
        beginWithTheMeasurement();
        boolean isAdmitted = delay.nanos() <= most;
        limited += isAdmitted ? 1 : 0;
        return isAdmitted;
    }

    private void beginWithTheMeasurement() {
        if (measurement != delay.measurement()) {
            measurement = delay.measurement();
            refreshes = 0;
            forwarded = 0;
            limited = 0;
        }
    }

    private static boolean areInTime(Collection<LoopDelay> loops, long most) {
        for (LoopDelay loop : loops) {
            if (loop.nanos() > most) {
                return false;
            }
        }
        return true;
    }

    /** Later than twice the most, nobody has time to wait; before that, those have it of whom fewer were let in. */
    private boolean isInTime(int own, int others, long most) {
        long late = delay.nanos();
        return late <= most || (late <= 2 * most && own < others);
    }
}
