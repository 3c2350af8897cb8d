package io.portcullis.session;

/**
 * Points at one session. The subject is personal data: {@link #toString()} leaves it out, and a store keeps at most a
 * hash of it.
 *
 * @param realm the audience the session belongs to, e.g. {@code app}
 * @param subject the user: {@code sub} of the access token, else its {@code id}
 * @param id the session; it says whose it is
 */
public record SessionRef(String realm, String subject, SessionId id) {
    /**
     * @throws IllegalArgumentException if realm or subject is blank
     * @throws ForeignSessionException if the id is of another subject or realm
     */
    public SessionRef {
        if (realm.isBlank() || subject.isBlank()) {
            throw new IllegalArgumentException("a session has a realm and a subject");
        }
        if (!id.isOf(realm, subject)) {
            throw new ForeignSessionException();
        }
    }

    public SubjectHash subjectHash() {
        return id.subject();
    }

    @Override
    public String toString() {
        return realm + "/" + id;
    }
}
