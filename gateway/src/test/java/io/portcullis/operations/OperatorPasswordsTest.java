package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.portcullis.SecurityLine;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Who guesses passwords learns nothing but that they are wrong, and not often. */
class OperatorPasswordsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int BURST = 5;
    private static final String HASH = "{bcrypt}" + new BCryptPasswordEncoder(4).encode("a secret");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Scheduler scheduler = Schedulers.newBoundedElastic(1, 1, "checks", 60, true);
    private final Recorded encoder = new Recorded();
    private OperatorPasswords passwords = passwords(Map.of("ada", HASH));

    /** Takes {@code a secret} for right, and remembers what it was asked. */
    private static final class Recorded implements PasswordEncoder {
        private final Queue<String> asked = new ConcurrentLinkedQueue<>();
        private final Set<String> threads = new HashSet<>();
        private CountDownLatch gate = new CountDownLatch(0);

        @Override
        public String encode(CharSequence password) {
            throw new IllegalStateException();
        }

        @Override
        public boolean matches(CharSequence password, String encoded) {
            asked.add(encoded);
            threads.add(Thread.currentThread().getName());
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return "a secret".contentEquals(password) && HASH.equals(encoded);
        }
    }

    @AfterEach
    void stop() {
        scheduler.dispose();
    }

    private OperatorPasswords passwords(Map<String, String> byName) {
        // one a minute more: none in the time of a test
        return new OperatorPasswords(byName, new OperatorAttempts(1, BURST, 64, 100, registry), scheduler, encoder);
    }

    private Mono<Authentication> attempt(String from, String name, String password) {
        try {
            return passwords
                    .from(InetAddress.getByName(from))
                    .authenticate(UsernamePasswordAuthenticationToken.unauthenticated(name, password));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private void wrong(String from, String name) {
        assertThatThrownBy(() -> attempt(from, name, "wrong").block(SOON)).isInstanceOf(BadCredentialsException.class);
    }

    private void tooMany(String from, String name, String password) {
        assertThatThrownBy(() -> attempt(from, name, password).block(SOON))
                .isInstanceOfSatisfying(
                        TooManyAttemptsException.class,
                        e -> assertThat(e.retryAfter()).isBetween(1, 60));
    }

    private double limited(String kind) {
        return registry.get("portcullis.operators.limited")
                .tag("kind", kind)
                .counter()
                .count();
    }

    @Test
    @SecurityLine(24)
    void unknownNameIsAsMuchWorkAsAWrongPassword() {
        wrong("10.0.0.1", "ada");
        wrong("10.0.0.1", "eve");
        wrong("10.0.0.1", "");

        List<String> asked = new ArrayList<>(encoder.asked);
        assertThat(asked).hasSize(3).allMatch(hash -> hash.startsWith("{bcrypt}$2a$04$") && hash.length() == 68);
        assertThat(asked.get(0)).isEqualTo(HASH);
        assertThat(asked.subList(1, 3)).doesNotContain(HASH);
    }

    @Test
    void decoyCanBeCheckedAndIsNobodysPassword() {
        wrong("10.0.0.1", "eve");

        String decoy = encoder.asked.remove().substring("{bcrypt}".length());

        assertThat(new BCryptPasswordEncoder().matches("a secret", decoy)).isFalse();
        // what it cannot read it warns of, and answers without any work
        assertThat(decoy).matches("\\$2a\\$04\\$[./A-Za-z0-9]{53}");
    }

    @Test
    void namesThatNobodyHasAreAsDifferentAsTheOperators() {
        passwords = passwords(Map.of("ada", HASH, "bob", "{noop}twelve letters"));

        IntStream.range(0, 40).forEach(i -> wrong("10.0.1." + i, "eve" + i));
        List<String> first = List.copyOf(encoder.asked);
        encoder.asked.clear();
        IntStream.range(0, 40).forEach(i -> wrong("10.0.2." + i, "eve" + i));

        assertThat(first).anyMatch(decoy -> decoy.startsWith("{noop}")).anyMatch(decoy -> decoy.startsWith("{bcrypt}"));
        assertThat(encoder.asked).containsExactlyElementsOf(first);
    }

    @Test
    void passwordsAreCheckedOffTheEventLoop() {
        attempt("10.0.0.1", "ada", "a secret").block(SOON);

        assertThat(encoder.threads)
                .allMatch(thread -> thread.startsWith("checks"))
                .hasSize(1);
    }

    @Test
    void wrongPasswordsOfAnAddressAreBounded() {
        IntStream.range(0, BURST).forEach(i -> wrong("10.0.0.2", "name" + i));

        tooMany("10.0.0.2", "ada", "a secret");

        assertThat(encoder.asked).hasSize(BURST);
        assertThat(limited("address")).isEqualTo(1);
        assertThat(attempt("10.0.0.3", "ada", "a secret").block(SOON)).isNotNull();
    }

    @Test
    void wrongPasswordsForANameAreBoundedWhereverTheyComeFromAndWhetherOrNotAnybodyHasIt() {
        for (String name : List.of("ada", "eve", "x".repeat(5_000))) {
            IntStream.range(0, BURST)
                    .forEach(i -> wrong("10.1." + name.length() % 100 + "." + i + name.hashCode() % 2, name));

            tooMany("10.2.0." + name.length() % 100, name, "a secret");
        }

        assertThat(limited("name")).isEqualTo(3);
    }

    @Test
    void rightPasswordsDoNotCount() {
        for (int i = 0; i < BURST * 4; i++) {
            assertThat(attempt("10.0.0.4", "ada", "a secret").block(SOON)).isNotNull();
        }

        assertThat(limited("address") + limited("name")).isZero();
    }

    @Test
    void noMoreThanABoundWaitForTheirTurn() {
        encoder.gate = new CountDownLatch(1);
        List<Object> ends = new java.util.concurrent.CopyOnWriteArrayList<>();
        attempt("10.0.0.5", "a", "wrong").subscribe(ends::add, ends::add);
        await().atMost(SOON).until(() -> encoder.asked.size() == 1);
        attempt("10.0.0.6", "b", "wrong").subscribe(ends::add, ends::add);

        tooMany("10.0.0.7", "c", "wrong");

        assertThat(limited("all")).isEqualTo(1);
        encoder.gate.countDown();
        await().atMost(SOON).until(() -> ends.size() == 2);
        assertThat(ends).allMatch(BadCredentialsException.class::isInstance);
    }
}
