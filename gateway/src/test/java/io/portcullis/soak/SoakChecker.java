package io.portcullis.soak;

import io.portcullis.soak.Operation.Actor;
import io.portcullis.soak.Operation.Kind;
import io.portcullis.soak.Operation.Note;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges what clients were answered: never two children of one refresh token, nothing accepted that was used before or whose
 * session was over, no honest client signed out. What is excused, and why, is an {@link Excuse}. Realms are strict.
 */
final class SoakChecker {
    /** "A few milliseconds": on a machine with other things to do. */
    static final Duration HEARD_WITHIN = Duration.ofSeconds(2);
    /** "Noticed within 5 s", and then announced and written again. */
    static final Duration RECOVERS_WITHIN = Duration.ofSeconds(6);

    private static final Map<Kind, Set<Integer>> ANSWERS = Map.of(
            Kind.LOGIN, Set.of(200, Operation.BROKEN),
            Kind.REFRESH, Set.of(200, 401, 503, Operation.BROKEN),
            Kind.FORWARD, Set.of(200, 401, Operation.BROKEN),
            Kind.LOGOUT, Set.of(200, 401, Operation.BROKEN),
            Kind.REVOKE, Set.of(200, 404, 503, Operation.BROKEN),
            Kind.REVOKE_ALL, Set.of(200, 503, Operation.BROKEN));

    private final Troubles troubles;
    private final List<Violation> violations = new ArrayList<>();
    private final Map<Excuse, Integer> excuses = new EnumMap<>(Excuse.class);
    private int turnedAway;

    enum Rule {
        THE_CONTRACT_HAS_NO_SUCH_ANSWER,
        TWO_CHILDREN_OF_ONE_TOKEN,
        A_USED_TOKEN_WAS_ACCEPTED,
        ACCEPTED_AFTER_ITS_END,
        AN_HONEST_CLIENT_WAS_SIGNED_OUT
    }

    /** @param because what the rule forbids it after */
    record Violation(
            Rule rule, Operation operation, @Nullable Operation because) {}

    /**
     * What was found.
     *
     * @param turnedAway how often a token of a session that was over was refused
     */
    record Verdict(List<Violation> violations, Map<Excuse, Integer> excuses, int turnedAway) {}

    private SoakChecker(Troubles troubles) {
        this.troubles = troubles;
    }

    static Verdict judge(List<Operation> operations, Troubles troubles) {
        SoakChecker checker = new SoakChecker(troubles);
        operations.forEach(checker::judgeAnswer);
        Map<String, List<Operation>> endsOfAll = operations.stream()
                .filter(operation -> operation.kind() == Kind.REVOKE_ALL)
                .collect(Collectors.groupingBy(Operation::subject));
        operations.stream()
                .filter(operation -> !operation.session().isEmpty())
                .sorted(Comparator.comparingLong(Operation::asked))
                .collect(Collectors.groupingBy(Operation::session))
                .values()
                .forEach(ofOne -> checker.judgeSession(
                        ofOne, endsOfAll.getOrDefault(ofOne.get(0).subject(), List.of())));
        return new Verdict(checker.violations, checker.excuses, checker.turnedAway);
    }

    private void judgeAnswer(Operation operation) {
        if (!ANSWERS.get(operation.kind()).contains(operation.status())) {
            violate(Rule.THE_CONTRACT_HAS_NO_SUCH_ANSWER, operation, null);
        }
    }

    private void judgeSession(List<Operation> operations, List<Operation> endsOfAll) {
        Operation login = operations.get(0);
        List<Operation> endings =
                new ArrayList<>(operations.stream().filter(Operation::isEnding).toList());
        endsOfAll.stream().filter(end -> end.answered() > login.asked()).forEach(endings::add);
        judgeChildren(operations);
        for (Operation operation : operations) {
            judgeAfterTheEnd(operation, login, endings);
        }
        judgeHonest(operations, login, endings);
    }

    /** Of each refresh token there is one child, and who has it is the last to have used its parent. */
    private void judgeChildren(List<Operation> operations) {
        Map<Long, Operation> first = new HashMap<>();
        operations.stream()
                .filter(Operation::isRefreshed)
                .sorted(Comparator.comparingLong(Operation::answered))
                .forEach(refreshed -> {
                    Operation before = first.putIfAbsent(refreshed.generation(), refreshed);
                    if (before == null) {
                        return;
                    }
                    if (troubles.mayHaveLost(before, refreshed)) {
                        excuse(Excuse.THE_ROTATION_WAS_LOST);
                        first.put(refreshed.generation(), refreshed);
                    } else if (!before.child().equals(refreshed.child())) {
                        violate(Rule.TWO_CHILDREN_OF_ONE_TOKEN, refreshed, before);
                    } else if (refreshed.asked() > before.answered()) {
                        violate(Rule.A_USED_TOKEN_WAS_ACCEPTED, refreshed, before);
                    }
                });
    }

    private void judgeAfterTheEnd(Operation operation, Operation login, List<Operation> endings) {
        for (Operation ending : endings) {
            if (!ending.isAcknowledgedEnding()
                    || operation.asked() < ending.answered()
                    // it may have been opened behind the end of all
                    || ending.kind() == Kind.REVOKE_ALL && ending.asked() < login.answered()
                    // then nobody knew of it whose end it was
                    || troubles.mayHaveLost(login, ending)) {
                continue;
            }
            if (operation.isAccepted()) {
                judgeAccepted(operation, ending);
            } else if (operation.status() == 401) {
                turnedAway++;
                return;
            }
        }
    }

    private void judgeAccepted(Operation operation, Operation ending) {
        boolean elsewhere = operation.replica() != ending.replica();
        long over = troubles.lastOver(operation.replica(), ending.asked(), operation.answered());
        boolean cutOff = over > ending.asked() && operation.asked() < over + RECOVERS_WITHIN.toNanos();
        if (elsewhere && troubles.mayHaveLost(ending, operation) && cutOff) {
            excuse(Excuse.THE_REVOCATION_WAS_LOST);
        } else if (elsewhere && operation.kind() == Kind.FORWARD && cutOff) {
            excuse(Excuse.A_REPLICA_WAS_CUT_OFF);
        } else if (elsewhere
                && operation.kind() == Kind.FORWARD
                && operation.asked() < ending.answered() + HEARD_WITHIN.toNanos()) {
            excuse(Excuse.A_REPLICA_HAD_NOT_HEARD_YET);
        } else {
            violate(Rule.ACCEPTED_AFTER_ITS_END, operation, ending);
        }
    }

    private void judgeHonest(List<Operation> operations, Operation login, List<Operation> endings) {
        Operation broken = null;
        for (Operation operation : operations) {
            boolean honestRefresh = operation.kind() == Kind.REFRESH && operation.actor() == Actor.HONEST;
            if (operation.actor() == Actor.HONEST && operation.status() == 401 && operation.kind() != Kind.LOGOUT) {
                judgeSignedOut(operation, login, endings, honestRefresh ? broken : null);
            }
            if (honestRefresh && operation.status() == Operation.BROKEN && isAbout(broken, operation)) {
                broken = mostExcusing(broken, operation);
            } else if (honestRefresh && operation.status() == Operation.BROKEN) {
                broken = operation;
            } else if (honestRefresh && operation.status() == 200) {
                broken = null;
            }
        }
    }

    private static boolean isAbout(@Nullable Operation broken, Operation next) {
        return broken != null && broken.generation() == next.generation();
    }

    private static Operation mostExcusing(Operation one, Operation other) {
        return one.note() == Note.ANSWER_MAY_HAVE_LEFT ? one : other;
    }

    /** @param broken an attempt with the same token that was not answered, null if there was none */
    private void judgeSignedOut(
            Operation operation, Operation login, List<Operation> endings, @Nullable Operation broken) {
        if (operation.note() == Note.TOKEN_MAY_HAVE_EXPIRED
                || endings.stream().anyMatch(ending -> ending.asked() < operation.answered())) {
            return;
        }
        if (broken != null && broken.note() == Note.ANSWER_MAY_HAVE_LEFT) {
            excuse(Excuse.THE_ANSWER_HAD_LEFT);
        } else if (operation.kind() == Kind.REFRESH && troubles.mayHaveLost(login, operation)) {
            excuse(Excuse.THE_LOGIN_WAS_LOST);
        } else if (broken != null && troubles.haveLostBetween(broken, operation)) {
            excuse(Excuse.THE_NOTE_OF_AN_UNDELIVERED_ANSWER_WAS_LOST);
        } else {
            violate(Rule.AN_HONEST_CLIENT_WAS_SIGNED_OUT, operation, broken == null ? login : broken);
        }
    }

    private void excuse(Excuse excuse) {
        excuses.merge(excuse, 1, Integer::sum);
    }

    private void violate(Rule rule, Operation operation, @Nullable Operation because) {
        violations.add(new Violation(rule, operation, because));
    }
}
