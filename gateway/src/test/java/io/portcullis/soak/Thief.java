package io.portcullis.soak;

import io.portcullis.soak.Operation.Actor;

/** Presents refresh tokens that were used, of any age. */
final class Thief extends Caller {
    Thief(SoakRun run, long seed) {
        super(run, Actor.THIEF, seed);
    }

    @Override
    void go() {
        while (run.pauses().areOn()) {
            pause(200, 900);
            Held stolen = run.sessions().used(random);
            if (stolen != null && refresh(stolen, anyReplica()).status() == 401) {
                run.sessions().isDead(stolen.session());
            }
        }
    }
}
