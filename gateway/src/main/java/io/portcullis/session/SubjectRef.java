package io.portcullis.session;

/**
 * Points at a subject in a realm, and so at all its sessions there. The subject is personal data: {@link #toString()}
 * leaves it out.
 *
 * @param realm the audience
 * @param subject the user: {@code sub} of the access token, else its {@code id}
 */
public record SubjectRef(String realm, String subject) {
    /** @throws IllegalArgumentException if realm or subject is blank */
    public SubjectRef {
        if (realm.isBlank() || subject.isBlank()) {
            throw new IllegalArgumentException("a subject has a realm and a name");
        }
    }

    public SubjectHash subjectHash() {
        return SubjectHash.of(realm, subject);
    }

    @Override
    public String toString() {
        return "a subject of " + realm;
    }
}
