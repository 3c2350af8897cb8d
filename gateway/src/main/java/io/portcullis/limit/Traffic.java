package io.portcullis.limit;

import java.util.Locale;

/** What requests are about: one kind must not have all of the gateway when there is more of it than it can do. */
public enum Traffic {
    REFRESH,
    FORWARDED;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
