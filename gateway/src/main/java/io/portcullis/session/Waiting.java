package io.portcullis.session;

/**
 * Whether somebody waits for what a call of the store comes to; in the context of the call, under this class. What was sent
 * is carried out all the same, and is not sent again for nobody: whoever was to have the answer may be back, and further on,
 * by then.
 */
public final class Waiting {
    private volatile boolean over;

    /** Nobody waits any more. */
    public void end() {
        over = true;
    }

    public boolean isOver() {
        return over;
    }
}
