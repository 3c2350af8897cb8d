package io.portcullis.redis;

import io.portcullis.session.SessionId;
import io.portcullis.session.SubjectHash;
import java.util.ArrayList;
import java.util.List;

/**
 * A session that a script ended, or found ended.
 *
 * @param lastAccessMillis when its last access token expires; 0 where that is not known
 */
record EndedSession(SessionId id, long lastAccessMillis) {

    /** Of that subject, as scripts list them: name, expiry, name, expiry. */
    static List<EndedSession> listed(List<?> namesAndExpiries, SubjectHash subject) {
        List<EndedSession> sessions = new ArrayList<>(namesAndExpiries.size() / 2);
        for (int i = 0; i < namesAndExpiries.size(); i += 2) {
            SessionId id = new SessionId((String) namesAndExpiries.get(i), subject);
            sessions.add(new EndedSession(id, Long.parseLong(String.valueOf(namesAndExpiries.get(i + 1)))));
        }
        return sessions;
    }

    static List<SessionId> ids(List<EndedSession> sessions) {
        // nearly always there are none
        return sessions.isEmpty()
                ? List.of()
                : sessions.stream().map(EndedSession::id).toList();
    }
}
