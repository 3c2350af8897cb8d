package io.portcullis.soak;

import io.portcullis.soak.Operation.Kind;
import io.portcullis.soak.SoakChecker.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Everybody who takes part in a run, what they do to the world, and what is to be said of it. */
final class SoakRun {
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(3);

    private final SoakWorld world;
    private final Load load;
    private final SoakHttp http = new SoakHttp();
    private final Sessions sessions = new Sessions();
    private final Pauses pauses = new Pauses();
    private final Pauses faultPauses = new Pauses();
    private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();
    private final AtomicInteger leftInTime = new AtomicInteger();
    private final AtomicInteger leftLate = new AtomicInteger();
    private final Random seeds;
    private final Faults faults;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> callers = new ArrayList<>();

    /**
     * Who takes part.
     *
     * @param operatorPause milliseconds between two calls of the operator, on average; 0 is no operator
     * @param auditedAfter how long a session has been over before its tokens are tried
     * @param retriesAnywhere whether who was told 503 tries again at any replica
     */
    record Load(
            int clients, int thieves, int operatorPause, int auditors, Duration auditedAfter, boolean retriesAnywhere) {

        /** Honest clients, and nobody else. */
        static Load ofHonest(int clients) {
            return new Load(clients, 0, 0, 0, Duration.ZERO, false);
        }
    }

    SoakRun(SoakWorld world, Load load, Faults.Plan plan, long seed) {
        this.world = world;
        this.load = load;
        this.seeds = new Random(seed);
        this.faults = new Faults(world, new Random(seeds.nextLong()), faultPauses, plan);
    }

    void start() {
        for (int i = 0; i < load.clients(); i++) {
            start(new HonestClient(this, i, seeds.nextLong()));
        }
        for (int i = 0; i < load.thieves(); i++) {
            start(new Thief(this, seeds.nextLong()));
        }
        if (load.operatorPause() > 0) {
            start(new SoakOperator(this, load.operatorPause(), seeds.nextLong()));
        }
        for (int i = 0; i < load.auditors(); i++) {
            start(new Auditor(this, load.auditedAfter(), seeds.nextLong()));
        }
        callers.add(threads.submit(faults::go));
    }

    private void start(Caller caller) {
        callers.add(threads.submit(caller::go));
    }

    /** Goes on until the time is over, or something is violated when it is looked at, and when it is looked at again. */
    void goOn(Duration time, Duration judgedEvery) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0 && !isViolated(); left = end - System.nanoTime()) {
            pauses.pause(Duration.ofNanos(Math.min(left, judgedEvery.toNanos())));
        }
    }

    private boolean isViolated() {
        if (verdict().violations().isEmpty()) {
            return false;
        }
        // an ending that explains it may be under way still: it is recorded when it is answered
        pauses.pause(ANSWERED_WITHIN);
        return !verdict().violations().isEmpty();
    }

    /** From now on all is well. */
    void endFaults() {
        faultPauses.end();
    }

    /** Sends everybody home; whoever failed has the run fail. */
    void end() throws Exception {
        faultPauses.end();
        pauses.end();
        try {
            for (Future<?> caller : callers) {
                caller.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /**
     * Once all is well again: half of the sessions that live are ended, and then are over everywhere, for either token; the
     * others live everywhere.
     *
     * @return what those had, which was used then
     */
    List<Held> audit() {
        List<Held> live = sessions.live();
        List<Held> ended = live.subList(0, live.size() / 2);
        SoakOperator operator = new SoakOperator(this, 1, seeds.nextLong());
        ended.forEach(held -> operator.end(held, Kind.REVOKE, operator.anyReplica()));
        new Pauses().pause(SoakChecker.HEARD_WITHIN);
        Auditor auditor = new Auditor(this, Duration.ZERO, seeds.nextLong());
        HonestClient honest = new HonestClient(this, 0, seeds.nextLong());
        for (int replica = 0; replica < world.replicas(); replica++) {
            for (Held held : ended) {
                auditor.forward(held, replica);
                auditor.refresh(held, replica);
            }
        }
        List<Held> others = live.subList(live.size() / 2, live.size());
        others.forEach(held -> honest.refresh(held, honest.anyReplica()));
        return others;
    }

    /** Somebody else uses those tokens. */
    void steal(List<Held> held) {
        Thief thief = new Thief(this, seeds.nextLong());
        held.forEach(stolen -> thief.refresh(stolen, thief.anyReplica()));
    }

    Verdict verdict() {
        return SoakChecker.judge(operations(), faults.troubles());
    }

    List<Operation> operations() {
        return List.copyOf(operations);
    }

    void record(Operation operation) {
        operations.add(operation);
    }

    /** @param inTime whether that was surely before the answer */
    void hasLeft(boolean inTime) {
        (inTime ? leftInTime : leftLate).incrementAndGet();
    }

    int leftInTime() {
        return leftInTime.get();
    }

    int leftLate() {
        return leftLate.get();
    }

    boolean retriesAnywhere() {
        return load.retriesAnywhere();
    }

    SoakWorld world() {
        return world;
    }

    SoakHttp http() {
        return http;
    }

    Sessions sessions() {
        return sessions;
    }

    Pauses pauses() {
        return pauses;
    }

    Faults faults() {
        return faults;
    }
}
