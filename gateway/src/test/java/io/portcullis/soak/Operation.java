package io.portcullis.soak;

/**
 * One request of a run, and its answer.
 *
 * @param replica which of the gateways it was sent to
 * @param session the session id, empty where the request is about none or about all of a subject's
 * @param generation that of the refresh token which was presented, or belongs to the access token
 * @param child the refresh token that came back, empty if none did
 * @param status of the answer, or one of the constants here
 * @param asked before it was sent, by {@link System#nanoTime()}
 * @param answered after it was answered, or given up
 */
record Operation(
        Kind kind,
        Actor actor,
        int replica,
        String subject,
        String session,
        long generation,
        String child,
        int status,
        long asked,
        long answered,
        Note note) {
    /** The connection ended without an answer, whoever ended it. */
    static final int BROKEN = 0;
    /** There was no answer for so long that nobody would have waited. */
    static final int SILENT = -1;

    enum Kind {
        LOGIN,
        REFRESH,
        /** A request to the backend, with an access token. */
        FORWARD,
        LOGOUT,
        /** An operator ends one session. */
        REVOKE,
        /** An operator ends all sessions of a subject. */
        REVOKE_ALL
    }

    enum Actor {
        /** Presents the newest token it has, one request at a time. */
        HONEST,
        /** Presents tokens that were used. */
        THIEF,
        OPERATOR,
        /** Presents tokens of sessions that are over. */
        AUDITOR
    }

    /** What is known of it beside the answer. */
    enum Note {
        NONE,
        /** Of a broken refresh: Redis had answered by then, so the answer may have been on its way. */
        ANSWER_MAY_HAVE_LEFT,
        /** Of a logout: Redis could not be told, and the backend's 2xx passes all the same. */
        NOT_RECORDED,
        /** Of a request with an access token: its time may be over. */
        TOKEN_MAY_HAVE_EXPIRED,
        /** Of a login: the answer passed as it was, since Redis could not be told. */
        UNTOUCHED
    }

    boolean isAccepted() {
        return status == 200 && (kind == Kind.REFRESH || kind == Kind.FORWARD);
    }

    boolean isEnding() {
        return switch (kind) {
            case LOGOUT, REVOKE, REVOKE_ALL -> true;
            case REFRESH -> actor == Actor.THIEF;
            case LOGIN, FORWARD -> false;
        };
    }

    /** Whether whoever asked for the end of the session was told that it is over. */
    boolean isAcknowledgedEnding() {
        return isEnding() && note != Note.NOT_RECORDED && status == (kind == Kind.REFRESH ? 401 : 200);
    }

    boolean isRefreshed() {
        return kind == Kind.REFRESH && status == 200;
    }
}
