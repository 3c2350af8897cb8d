package io.portcullis.redis;

import io.portcullis.session.SessionId;
import io.portcullis.session.SubjectHash;
import io.portcullis.session.TokenHash;

/**
 * The names of the keys. All keys of one subject carry the same hash tag, its partition, hence share a slot of a cluster.
 * No key names a subject; at most its hash.
 */
final class RedisKeys {
    private final String prefix;

    RedisKeys(String prefix) {
        this.prefix = prefix;
    }

    /** The session's record. */
    String session(SessionId session) {
        return tagged(session.partition()) + "session:" + session.value();
    }

    /** The index of a subject's sessions in a realm. */
    String sessions(String realm, SubjectHash subject) {
        return tagged(subject.partition()) + "sessions:" + realm + ":" + subject.value();
    }

    /** The end of all sessions that a subject had in a realm. */
    String ended(String realm, SubjectHash subject) {
        return tagged(subject.partition()) + "ended:" + realm + ":" + subject.value();
    }

    /** The adoption of a backend's token, in a slot of its own: whose it is, nobody knows yet. */
    String adoption(TokenHash token) {
        return prefix + "{" + token.value() + "}:adoption";
    }

    /** The announcements of revoked sessions: one stream for all subjects, hence in a slot of its own. */
    String revocations() {
        return prefix + "revocations";
    }

    /** The gateway's replicas: in a slot of its own too. */
    String replicas() {
        return prefix + "replicas";
    }

    /** The claims of a subject in a realm that were changed. */
    String claims(String realm, SubjectHash subject) {
        return tagged(subject.partition()) + "claims:" + realm + ":" + subject.value();
    }

    private String tagged(String partition) {
        return prefix + "{" + partition + "}:";
    }
}
