package io.portcullis.soak;

import io.portcullis.soak.Operation.Actor;
import io.portcullis.soak.Operation.Kind;
import io.portcullis.soak.Operation.Note;
import io.portcullis.soak.SoakHttp.Answer;

/** Ends a session, or all of a subject's, at the management port. */
final class SoakOperator extends Caller {
    private static final String SESSIONS = "/actuator/sessions";

    private final int pauseMillis;

    SoakOperator(SoakRun run, int pauseMillis, long seed) {
        super(run, Actor.OPERATOR, seed);
        this.pauseMillis = pauseMillis;
    }

    @Override
    void go() {
        while (run.pauses().areOn()) {
            pause(pauseMillis / 2, pauseMillis * 3 / 2);
            Held one = run.sessions().live(random);
            if (one != null) {
                end(one, random.nextInt(4) == 0 ? Kind.REVOKE_ALL : Kind.REVOKE, anyReplica());
            }
        }
    }

    void end(Held one, Kind kind, int replica) {
        String whose =
                kind == Kind.REVOKE ? "/" + one.session() : "?realm=" + one.realm() + "&subject=" + one.subject();
        long asked = System.nanoTime();
        Answer answer = run.http().delete(world.gateway(replica).managementPort(), SESSIONS + whose);
        record(kind, replica, one, "", answer.status(), asked, System.nanoTime(), Note.NONE);
        if (answer.status() != 200) {
            return;
        }
        if (kind == Kind.REVOKE) {
            run.sessions().isDead(one.session());
        } else {
            run.sessions().areDead(one);
        }
    }
}
