package io.portcullis.redis;

import io.portcullis.session.SubjectHash;
import io.portcullis.session.TokenHash;

/** The names of the keys. Each is in a slot of a cluster of its own, and no script has two. None names a subject. */
final class RedisKeys {
    private final String prefix;

    RedisKeys(String prefix) {
        this.prefix = prefix;
    }

    /** The sessions of a subject in a realm. */
    String sessions(SubjectHash subject) {
        return prefix + "sessions:" + subject.value();
    }

    /** The adoption of a backend's token: whose it is, nobody knows yet. */
    String adoption(TokenHash token) {
        return prefix + "{" + token.value() + "}:adoption";
    }

    /** The announcements of revoked sessions: one stream for all subjects. */
    String revocations() {
        return prefix + "revocations";
    }

    /** The gateway's replicas. */
    String replicas() {
        return prefix + "replicas";
    }
}
