package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.portcullis.SecurityLine;
import io.portcullis.session.History.Operation;
import io.portcullis.session.HistoryChecker;
import io.portcullis.session.SessionStore;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Clients that use one session's tokens at the same time, over several connections: the rules explain whatever they were
 * answered. The choices of a run are repeated with {@code -Dportcullis.seed=...}; the race is not.
 */
class ConcurrentHistoriesIT {
    private static final int CONNECTIONS = 4;
    private static final int ROUNDS = 1_500;
    private static final int ROUNDS_UNTIL_THE_NAIVE_STORE_IS_CAUGHT_MAX = 50;

    private static RedisServer redis;
    private static RedisClients clients;

    private final long seed = Long.getLong("portcullis.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        clients = new RedisClients(redis, CONNECTIONS).connected();
    }

    @AfterAll
    static void end() {
        clients.close();
        redis.close();
    }

    @Test
    @SecurityLine(7)
    void rulesExplainEveryHistory() {
        List<SessionStore> stores = stores(clients::store);
        Set<String> kinds = new HashSet<>();
        int operations = 0;
        int overlapping = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<Operation> history = new ConcurrentRound(stores, random).run();
            if (!HistoryChecker.isExplained(history)) {
                fail("round %d, seed %d: no order explains%n%s".formatted(round, seed, print(history)));
            }
            history.forEach(operation -> kinds.add(ConcurrentRound.kind(operation)));
            operations += history.size();
            overlapping += overlapping(history);
        }

        System.out.printf(
                "%d histories explained: %d operations, %d of them asked while another was open; seed %d%n",
                ROUNDS, operations, overlapping, seed);
        assertThat(overlapping).isGreaterThan(operations / 2);
        assertThat(kinds).containsAll(ConcurrentRound.EXPECTED_KINDS);
    }

    @Test
    void naiveStoreIsCaught() {
        List<SessionStore> stores = stores(client -> new NaiveSessionStore(clients.template(client)));
        for (int round = 1; round <= ROUNDS_UNTIL_THE_NAIVE_STORE_IS_CAUGHT_MAX; round++) {
            List<Operation> history = new ConcurrentRound(stores, random).run();
            if (!HistoryChecker.isExplained(history)) {
                System.out.printf("naive store caught in round %d; seed %d%n", round, seed);
                return;
            }
        }
        fail("the naive store was not caught in %d rounds, seed %d"
                .formatted(ROUNDS_UNTIL_THE_NAIVE_STORE_IS_CAUGHT_MAX, seed));
    }

    private static List<SessionStore> stores(IntFunction<SessionStore> store) {
        return IntStream.range(0, CONNECTIONS).mapToObj(store).toList();
    }

    private static int overlapping(List<Operation> history) {
        int overlapping = 0;
        long lastAnswer = -1;
        for (Operation operation : history) {
            if (operation.asked() < lastAnswer) {
                overlapping++;
            }
            lastAnswer = Math.max(lastAnswer, operation.answered());
        }
        return overlapping;
    }

    private static String print(List<Operation> history) {
        return history.stream().map(Operation::toString).collect(Collectors.joining("\n"));
    }
}
