package io.portcullis.soak;

import io.portcullis.demo.DemoBackend;
import io.portcullis.soak.Operation.Actor;
import io.portcullis.soak.Operation.Kind;
import io.portcullis.soak.Operation.Note;
import io.portcullis.soak.SoakHttp.Answer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Logs in, refreshes and uses its tokens, one request after the other. What was not answered, or with 503, it asks again with
 * the same token. Sometimes it goes away in the middle of a refresh, sometimes it logs out.
 */
final class HonestClient extends Caller {
    private static final int NOWHERE = -1;

    private final String realm;
    private final String loginPath;
    private final String email;
    private int unansweredAt = NOWHERE;

    /** Two of them are one subject each. */
    HonestClient(SoakRun run, int number, long seed) {
        super(run, Actor.HONEST, seed);
        boolean app = number / 2 % 2 == 0;
        this.realm = app ? "app" : "dashboard";
        this.loginPath = app ? "/api/auth/local/login" : "/api/auth/login";
        this.email = "user" + number / 2 + "@example.com";
    }

    @Override
    void go() {
        while (run.pauses().areOn()) {
            Held held = login();
            while (held != null && run.pauses().areOn()) {
                pause(10, 90);
                held = step(held);
            }
            if (held != null && unansweredAt != NOWHERE) {
                run.sessions().isGone(held);
            }
            unansweredAt = NOWHERE;
            pause(20, 200);
        }
    }

    private @Nullable Held login() {
        int replica = anyReplica();
        long asked = System.nanoTime();
        Answer answer = run.http()
                .post(
                        world.door(replica).port(),
                        loginPath,
                        "{\"email\":\"" + email + "\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
        long answered = System.nanoTime();
        Held held = answer.status() == 200 ? Held.of(realm, answer.body()) : new Held(realm, email, "", 0, "", "", 0);
        boolean opened = !held.session().isEmpty();
        Note note = answer.status() == 200 && !opened ? Note.UNTOUCHED : Note.NONE;
        record(Kind.LOGIN, replica, held, "", answer.status(), asked, answered, note);
        if (!opened) {
            return null;
        }
        run.sessions().lives(held);
        return held;
    }

    private @Nullable Held step(Held held) {
        int choice = unansweredAt == NOWHERE ? random.nextInt(100) : 0;
        if (choice < 60) {
            return refreshed(held);
        }
        if (choice < 85) {
            forward(held, anyReplica());
            return held;
        }
        return choice < 99 ? leave(held) : logout(held);
    }

    private @Nullable Held refreshed(Held held) {
        int replica = unansweredAt == NOWHERE || run.retriesAnywhere() ? anyReplica() : unansweredAt;
        Answer answer = refresh(held, replica);
        switch (answer.status()) {
            case 200 -> {
                unansweredAt = NOWHERE;
                Held next = Held.of(realm, answer.body());
                run.sessions().isUsed(held);
                run.sessions().lives(next);
                return next;
            }
            case 503, Operation.BROKEN -> {
                unansweredAt = replica;
                pause(50, 400);
                return held;
            }
            default -> {
                run.sessions().isGone(held);
                return null;
            }
        }
    }

    /** Where all is well the answer has left before its client has, as a rule: that shows little. */
    private @Nullable Held leave(Held held) {
        int replica = anyReplica();
        if (!run.faults().trouble(replica) && random.nextInt(10) > 0) {
            return refreshed(held);
        }
        long asked = System.nanoTime();
        SoakHttp.refreshAndLeave(
                world.gateway(replica).port(),
                held.refreshToken(),
                random.nextInt(5) == 0,
                random.nextBoolean(),
                () -> run.pauses().pause(Duration.ofMillis(1 + random.nextInt(200))));
        long left = System.nanoTime();
        Note note = whetherItHadLeft(held, replica, asked, left);
        record(Kind.REFRESH, replica, held, "", Operation.BROKEN, asked, left, note);
        run.hasLeft(note == Note.NONE);
        unansweredAt = replica;
        return held;
    }

    private @Nullable Held logout(Held held) {
        int replica = anyReplica();
        Answer answer = call(
                Kind.LOGOUT,
                held,
                replica,
                port -> run.http()
                        .post(
                                port,
                                realm.equals("app") ? "/api/auth/local/logout" : "/api/auth/logout",
                                "{}",
                                "Authorization",
                                "Bearer " + held.accessToken()));
        if (answer.status() == 401) {
            return held;
        }
        if (answer.status() == 200 && !world.witness(replica).hasNotEnded(held.session())) {
            run.sessions().isDead(held.session());
        }
        run.sessions().isGone(held);
        return null;
    }
}
