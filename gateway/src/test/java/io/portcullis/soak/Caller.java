package io.portcullis.soak;

import io.portcullis.soak.Operation.Actor;
import io.portcullis.soak.Operation.Kind;
import io.portcullis.soak.Operation.Note;
import io.portcullis.soak.SoakHttp.Answer;
import java.time.Duration;
import java.util.Random;
import java.util.function.IntFunction;

/** Somebody who sends requests to the replicas, each of which is recorded with its answer. */
abstract class Caller {
    /** How long a connection's end may take to be noticed by a gateway, at most. */
    private static final Duration NOTICED_WITHIN = Duration.ofMillis(300);
    /** After that it has been noticed. */
    private static final Duration SETTLED_AFTER = Duration.ofMillis(500);

    final SoakRun run;
    final SoakWorld world;
    final Random random;
    final Actor actor;

    Caller(SoakRun run, Actor actor, long seed) {
        this.run = run;
        this.world = run.world();
        this.random = new Random(seed);
        this.actor = actor;
    }

    /** As long as the run lasts. */
    abstract void go();

    int anyReplica() {
        return random.nextInt(world.replicas());
    }

    void pause(int millisAtLeast, int millisAtMost) {
        run.pauses().pause(Duration.ofMillis(millisAtLeast + random.nextInt(millisAtMost - millisAtLeast + 1)));
    }

    Answer refresh(Held held, int replica) {
        long asked = System.nanoTime();
        Answer answer = run.http().refresh(world.door(replica).port(), held.refreshToken());
        long answered = System.nanoTime();
        Note note = answer.status() == Operation.BROKEN ? whetherItHadLeft(held, replica, asked, answered) : Note.NONE;
        String child =
                answer.status() == 200 ? Held.of(held.realm(), answer.body()).refreshToken() : "";
        record(Kind.REFRESH, replica, held, child, answer.status(), asked, answered, note);
        return answer;
    }

    /** A request that overtakes the end of its predecessor's connection is a second use: so it is waited for. */
    Note whetherItHadLeft(Held held, int replica, long asked, long broken) {
        run.pauses().pause(SETTLED_AFTER);
        return world.witness(replica)
                        .hasAnswered(held.session(), held.generation(), asked, broken + NOTICED_WITHIN.toNanos())
                ? Note.ANSWER_MAY_HAVE_LEFT
                : Note.NONE;
    }

    Answer forward(Held held, int replica) {
        return call(
                Kind.FORWARD,
                held,
                replica,
                port -> run.http().get(port, "/api/me", "Authorization", "Bearer " + held.accessToken()));
    }

    Answer call(Kind kind, Held held, int replica, IntFunction<Answer> request) {
        long asked = System.nanoTime();
        Answer answer = request.apply(world.door(replica).port());
        Note note = Note.NONE;
        if (kind == Kind.LOGOUT
                && answer.status() == 200
                && world.witness(replica).hasNotEnded(held.session())) {
            note = Note.NOT_RECORDED;
        } else if (held.mayHaveExpired()) {
            note = Note.TOKEN_MAY_HAVE_EXPIRED;
        }
        record(kind, replica, held, "", answer.status(), asked, System.nanoTime(), note);
        return answer;
    }

    void record(Kind kind, int replica, Held held, String child, int status, long asked, long answered, Note note) {
        run.record(new Operation(
                kind,
                actor,
                replica,
                held.realm() + " " + held.subject(),
                kind == Kind.REVOKE_ALL ? "" : held.session(),
                held.generation(),
                child,
                status,
                asked,
                answered,
                note));
    }
}
