package io.portcullis.configuration;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Addresses that only this machine reaches (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3), as they are written. No name is looked up. */
final class Loopback {
    private Loopback() {}

    /** @param host a name or an address, an IPv6 one perhaps in brackets; null is none */
    static boolean is(@Nullable String host) {
        if (host == null) {
            return false;
        }
        String bare = host.toLowerCase(Locale.ROOT).replaceAll("^\\[|]$", "");
        return bare.equals("localhost") || bare.equals("::1") || bare.matches("127(\\.\\d{1,3}){3}");
    }
}
