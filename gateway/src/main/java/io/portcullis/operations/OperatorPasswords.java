package io.portcullis.operations;

import io.portcullis.limit.Admission.TooMany;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UserDetailsRepositoryReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The passwords of operators. Whoever does not know one learns nothing from how long an answer takes: for a name that nobody has
 * a decoy is checked, as much work as the password of one of the operators, always the same one. Passwords are checked off the
 * event loop, by as many threads as the scheduler has.
 */
public final class OperatorPasswords {
    /** What a BCrypt hash has behind its cost: salt and hash. */
    private static final int BCRYPT_TAIL = 53;

    private static final String PLAIN = "{noop}";
    private static final int NEXT = 1;

    private final Map<String, UserDetails> operators = new HashMap<>();
    private final List<UserDetails> decoys;
    private final OperatorAttempts attempts;
    private final ReactiveAuthenticationManager manager;
    private final int seed = new SecureRandom().nextInt();

    /**
     * The passwords of all operators.
     *
     * @param passwords by name, each behind the name of its encoding in braces; not empty
     * @param scheduler with a bounded queue
     */
    public OperatorPasswords(Map<String, String> passwords, OperatorAttempts attempts, Scheduler scheduler) {
        this(passwords, attempts, scheduler, PasswordEncoderFactories.createDelegatingPasswordEncoder());
    }

    OperatorPasswords(
            Map<String, String> passwords, OperatorAttempts attempts, Scheduler scheduler, PasswordEncoder encoder) {
        passwords.forEach((name, password) -> operators.put(name, user(name, password)));
        this.decoys = passwords.values().stream()
                .map(password -> user("nobody", decoyOf(password)))
                .toList();
        this.attempts = attempts;
        var byName = new UserDetailsRepositoryReactiveAuthenticationManager(name -> Mono.just(named(name)));
        byName.setPasswordEncoder(encoder);
        byName.setScheduler(scheduler);
        this.manager = byName;
    }

    private static UserDetails user(String name, String password) {
        return User.withUsername(name).password(password).build();
    }

    /** A password of the same encoding, cost and length, which nobody knows. */
    private static String decoyOf(String password) {
        int kept = password.startsWith(PLAIN) ? PLAIN.length() : password.length() - BCRYPT_TAIL;
        String unknown = new SecureRandom()
                .ints(password.length() - kept, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return password.substring(0, kept) + unknown;
    }

    private UserDetails named(String name) {
        UserDetails operator = operators.get(name);
        return operator == null ? decoys.get(Math.floorMod(name.hashCode() ^ seed, decoys.size())) : operator;
    }

    /** Whoever comes from there, with the name and the password that they sent. */
    ReactiveAuthenticationManager from(@Nullable InetAddress client) {
        return sent -> Mono.defer(() -> checked(client, sent));
    }

    private Mono<Authentication> checked(@Nullable InetAddress client, Authentication sent) {
        String name = sent.getName();
        if (attempts.admit(client, name) instanceof TooMany tooMany) {
            return Mono.error(new TooManyAttemptsException(tooMany.retryAfter()));
        }
        return manager.authenticate(sent)
                .doOnNext(right -> attempts.right(client, name))
                .onErrorMap(RejectedExecutionException.class, e -> {
                    attempts.tooManyAtOnce();
                    return new TooManyAttemptsException(NEXT);
                });
    }
}
