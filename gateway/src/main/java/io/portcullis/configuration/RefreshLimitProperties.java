package io.portcullis.configuration;

import java.util.function.BiConsumer;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many refresh requests a replica answers; one more is answered with 429.
 *
 * @param perAddress of a client's address, a minute; 0 is any number
 * @param addressBurst of a client's address, at once
 * @param perSession of a session, a minute; 0 is any number
 * @param sessionBurst of a session, at once
 * @param ipv6Prefix how many bits of an IPv6 address are one client's
 * @param tracked how many addresses, and how many sessions, are counted each for itself at the same time
 */
public record RefreshLimitProperties(
        @DefaultValue("600") int perAddress,
        @DefaultValue("1200") int addressBurst,
        @DefaultValue("30") int perSession,
        @DefaultValue("60") int sessionBurst,
        @DefaultValue("64") int ipv6Prefix,
        @DefaultValue("50000") int tracked) {
    /** More than a replica answers. */
    private static final int MOST = 1_000_000;

    /** A sentence a mistake, by the name of its property under this record. */
    void check(BiConsumer<String, String> problems) {
        between(problems, "per-address", perAddress, 0, MOST);
        between(problems, "address-burst", addressBurst, 1, MOST);
        between(problems, "per-session", perSession, 0, MOST);
        between(problems, "session-burst", sessionBurst, 1, MOST);
        between(problems, "ipv6-prefix", ipv6Prefix, 1, 128);
        between(problems, "tracked", tracked, 1, MOST);
    }

    private static void between(BiConsumer<String, String> problems, String property, int value, int least, int most) {
        if (value < least || value > most) {
            problems.accept(property, "is not between " + least + " and " + most);
        }
    }
}
