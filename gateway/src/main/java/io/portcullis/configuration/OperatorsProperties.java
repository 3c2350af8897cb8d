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
 */
public record OperatorsProperties(
        @DefaultValue Map<String, String> passwords,
        @DefaultValue List<String> certificates) {
    private static final String BCRYPT = "\\{bcrypt}\\$2[aby]?\\$\\d\\d\\$[./A-Za-z0-9]{53}";
    private static final String PLAIN = "\\{noop}.{12,}";

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
        if (certificates.stream().anyMatch(String::isBlank)) {
            problems.add("certificates: has a name that is blank");
        }
        if (!certificates.isEmpty() && !isAskedFor(clientAuth)) {
            problems.add(
                    "certificates: nobody is asked for one unless management.server.ssl.client-auth is want or need");
        }
        return problems;
    }

    private static boolean isAskedFor(@Nullable String clientAuth) {
        return clientAuth != null && List.of("want", "need").contains(clientAuth.toLowerCase(Locale.ROOT));
    }
}
