package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.portcullis.RandomFaults;
import io.portcullis.session.AttemptId;
import io.portcullis.session.History;
import io.portcullis.session.HistoryChecker;
import io.portcullis.session.LiveSession;
import io.portcullis.session.Policies;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationOutcome.Revoked;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Three replicas, each on a line that goes bad at random: no honest client is refused, and the rules explain all that its
 * replicas and Redis said. {@code -Dportcullis.faults.rotations=10000} is a longer run, {@code -Dportcullis.seed=...}
 * repeats its choices; the race is not repeated.
 */
class RotationsUnderFaultsIT {
    private static final int ROTATIONS = Integer.getInteger("portcullis.faults.rotations", 2_000);
    private static final int ROTATIONS_A_SESSION = 25;
    private static final int ROUNDS_MAX = 20;
    private static final int SESSIONS_AT_ONCE = 12;
    private static final int REPLICAS = 3;
    private static final Duration BUDGET = Duration.ofMillis(400);
    private static final Duration SENDING = Duration.ofMillis(150);
    private static final Duration LONGEST_FAULT = Duration.ofMillis(600);
    private static final Duration ENDS_WITHIN = Duration.ofMinutes(10);

    private final long seed = Long.getLong("portcullis.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Map<SessionId, History> histories = new ConcurrentHashMap<>();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final List<Replica> replicas = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(SESSIONS_AT_ONCE);
    private RedisServer redis;
    private RedisClients undisturbed;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        undisturbed = new RedisClients(redis, 1).connected();
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(new Replica(redis, BUDGET, SENDING, this::recorded));
        }
    }

    @AfterEach
    void end() throws IOException {
        threads.shutdownNow();
        for (Replica replica : replicas) {
            replica.close();
        }
        undisturbed.close();
        redis.close();
    }

    /** The same store, which writes each call into its session's history. */
    private SessionStore recorded(SessionStore store) {
        return (SessionStore) Proxy.newProxyInstance(
                SessionStore.class.getClassLoader(),
                new Class<?>[] {SessionStore.class},
                (proxy, method, arguments) -> {
                    SessionRef session =
                            arguments[0] instanceof Rotation rotation ? rotation.session() : (SessionRef) arguments[0];
                    try {
                        return method.invoke(histories.get(session.id()).recording(store), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void nobodyWhoIsHonestIsRefusedAndTheRulesExplainEveryHistory() throws Exception {
        System.out.println("rotations under faults, -Dportcullis.seed=" + seed);
        List<RandomFaults> faults = replicas.stream()
                .map(replica -> RandomFaults.on(replica.line(), new Random(random.nextLong()), LONGEST_FAULT))
                .toList();
        try {
            // a quick machine has done all of them before a line goes bad
            for (int round = 0; round < ROUNDS_MAX && unanswered.get() == 0; round++) {
                rotate(round);
            }
        } finally {
            faults.forEach(RandomFaults::close);
        }

        System.out.printf(
                "%d rotations, %d times no answer in the budget; %s%n",
                ROTATIONS,
                unanswered.get(),
                faults.stream().map(RandomFaults::suffered).toList());
        assertThat(unanswered.get()).isPositive();
        assertThat(replicas).allSatisfy(replica -> {
            assertThat(replica.marks().displaced()).isZero();
            assertThat(replica.marks().outdated()).isZero();
        });
    }

    private void rotate(int round) throws Exception {
        int count = ROTATIONS / ROTATIONS_A_SESSION;
        List<Future<?>> sessions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = round * count + i;
            long choices = random.nextLong();
            sessions.add(threads.submit(() -> live(number, new Random(choices))));
        }
        for (Future<?> session : sessions) {
            session.get(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void live(int number, Random choices) {
        String subject = "user-" + number;
        SessionRef session = new SessionRef("app", subject, SessionId.random("app", subject));
        History history = new History();
        histories.put(session.id(), history);
        LiveSession direct = new LiveSession(history.recording(undisturbed.store(0)), session);
        direct.open(Policies.strict());
        HonestClient client = new HonestClient(replicas, session, choices);
        for (int i = 0; i < ROTATIONS_A_SESSION; i++) {
            client.refresh();
        }
        unanswered.addAndGet(client.unanswered());
        direct.revoke();
        assertThat(direct.rotate(client.generation(), AttemptId.random(), Policies.strict()))
                .isInstanceOf(Revoked.class);
        List<History.Operation> operations = history.operations();
        if (!HistoryChecker.isExplained(operations)) {
            fail("seed %d: no order explains%n%s".formatted(seed, print(operations)));
        }
    }

    private static String print(List<History.Operation> operations) {
        Stream<String> lines = operations.stream().map(History.Operation::toString);
        return lines.collect(Collectors.joining("\n"));
    }
}
