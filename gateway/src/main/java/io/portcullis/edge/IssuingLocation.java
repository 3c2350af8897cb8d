package io.portcullis.edge;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/**
 * A {@code Location} that issues a session: the parameters {@code token} and {@code refreshToken} stand, once each, in its
 * query or in its fragment. Tokens go where the backend had put them and nowhere else.
 */
final class IssuingLocation {
    private static final Pattern TOKEN = Pattern.compile("[?&#]token=([^?&#]*)");
    private static final Pattern REFRESH_TOKEN = Pattern.compile("[?&#]refreshToken=([^?&#]*)");

    private final String location;
    private final Matcher token;
    private final Matcher refreshToken;
    private final String accessToken;

    private IssuingLocation(String location, Matcher token, Matcher refreshToken, String accessToken) {
        this.location = location;
        this.token = token;
        this.refreshToken = refreshToken;
        this.accessToken = accessToken;
    }

    /** Null if the location issues no session. */
    static @Nullable IssuingLocation recognize(String location) {
        Matcher token = TOKEN.matcher(location);
        Matcher refreshToken = REFRESH_TOKEN.matcher(location);
        int parameters = startOfParameters(location);
        if (!token.find(parameters)
                || !refreshToken.find(parameters)
                || refreshToken.group(1).isBlank()) {
            return null;
        }
        boolean once = !TOKEN.matcher(location).find(token.end())
                && !REFRESH_TOKEN.matcher(location).find(refreshToken.end());
        int fragment = location.indexOf('#');
        boolean together = fragment < 0 || (token.start() >= fragment) == (refreshToken.start() >= fragment);
        if (!once || !together) {
            return null;
        }
        try {
            String accessToken = UriUtils.decode(token.group(1), StandardCharsets.UTF_8);
            return new IssuingLocation(location, token, refreshToken, accessToken);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** In a path, {@code &} is a character like any other. */
    private static int startOfParameters(String location) {
        int start = 0;
        while (start < location.length() && "?#".indexOf(location.charAt(start)) < 0) {
            start++;
        }
        return start;
    }

    String accessToken() {
        return accessToken;
    }

    /** The same location with other tokens in the places of the two; they need no encoding. */
    String with(TokenPair tokens) {
        StringBuilder changed = new StringBuilder(location);
        boolean inOrder = token.start() < refreshToken.start();
        // the later one first, so that the earlier one's place is still right
        if (inOrder) {
            changed.replace(refreshToken.start(1), refreshToken.end(1), tokens.refreshToken());
            changed.replace(token.start(1), token.end(1), tokens.accessToken());
        } else {
            changed.replace(token.start(1), token.end(1), tokens.accessToken());
            changed.replace(refreshToken.start(1), refreshToken.end(1), tokens.refreshToken());
        }
        return changed.toString();
    }
}
