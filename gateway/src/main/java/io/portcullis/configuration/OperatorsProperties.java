package io.portcullis.configuration;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may use the endpoint `sessions` of the management port. With nobody here it answers to the gateway's own machine only.
 *
 * @param passwords of operators who come with HTTP basic, by their names: `{bcrypt}` and a BCrypt hash, or `{noop}` and the password itself
 * @param certificates the common names of operators who come with a client certificate that `management.server.ssl` trusts
 * @param attempts how many wrong passwords are looked at
 */
public record OperatorsProperties(
        @DefaultValue Map<String, String> passwords,
        @DefaultValue List<String> certificates,
        @DefaultValue AttemptsProperties attempts) {
    /** More than anybody tries. */
    private static final int MOST = 1_000_000;

    private static final String BCRYPT = "\\{bcrypt}\\$2[aby]?\\$\\d\\d\\$[./A-Za-z0-9]{53}";
    private static final String PLAIN = "\\{noop}.{12,}";

    /**
     * How many wrong passwords are looked at from one client's address, and for one operator's name; one more is answered with 429.
     *
     * @param perMinute in the long run
     * @param burst at once
     * @param tracked how many addresses, and how many names, are counted each for itself at the same time
     */
    public record AttemptsProperties(
            @DefaultValue("10") int perMinute,
            @DefaultValue("30") int burst,
            @DefaultValue("10000") int tracked) {}

    @Override
    public String toString() {
        return "OperatorsProperties" + passwords.keySet() + certificates;
    }

    /** What is wrong, by the name under {@code portcullis.operators}; without a password. */
    List<String> problems(@Nullable String clientAuth) {
        List<String> problems = new ArrayList<>();
        passwords.forEach((name, password) -> {
            if (!name.matches("[\\w.@-]{1,64}")) {
                problems.add("passwords: an operator's name is letters, digits, dots, dashes, _ and @, at most 64");
            } else if (!password.matches(BCRYPT) && !password.matches(PLAIN)) {
                problems.add("passwords." + name
                        + ": is neither {bcrypt} and a hash nor {noop} and a password of 12 characters at least");
            }
        });
        between(problems, "per-minute", attempts.perMinute());
        between(problems, "burst", attempts.burst());
        between(problems, "tracked", attempts.tracked());
        if (certificates.stream().anyMatch(String::isBlank)) {
            problems.add("certificates: has a name that is blank");
        }
        if (!certificates.isEmpty() && !isAskedFor(clientAuth)) {
            problems.add(
                    "certificates: nobody is asked for one unless management.server.ssl.client-auth is want or need");
        }
        return problems;
    }

    private static void between(List<String> problems, String property, int value) {
        if (value < 1 || value > MOST) {
            problems.add("attempts." + property + ": is not between 1 and " + MOST);
        }
    }

    private static boolean isAskedFor(@Nullable String clientAuth) {
        return clientAuth != null && List.of("want", "need").contains(clientAuth.toLowerCase(Locale.ROOT));
    }
}
