package io.portcullis.session;

/** A session's id was put together with a subject or a realm that it is not of. */
public final class ForeignSessionException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    ForeignSessionException() {
        super("a session is of the subject that its id names");
    }
}
