package io.portcullis.soak;

import io.portcullis.soak.Operation.Actor;
import io.portcullis.soak.Sessions.Dead;
import java.time.Duration;

/** Presents the newest tokens of sessions that are over. */
final class Auditor extends Caller {
    private final Duration notBefore;

    /** @param notBefore how long a session is to have been over: whoever presents its token has the gateways look after it */
    Auditor(SoakRun run, Duration notBefore, long seed) {
        super(run, Actor.AUDITOR, seed);
        this.notBefore = notBefore;
    }

    @Override
    void go() {
        while (run.pauses().areOn()) {
            pause(5, 60);
            Dead dead = run.sessions().dead(random);
            if (dead != null && System.nanoTime() - dead.since() > notBefore.toNanos()) {
                present(dead.held(), anyReplica());
            }
        }
    }

    void present(Held held, int replica) {
        if (random.nextBoolean() && !held.mayHaveExpired()) {
            forward(held, replica);
        } else {
            refresh(held, replica);
        }
    }
}
