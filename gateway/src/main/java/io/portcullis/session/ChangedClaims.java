package io.portcullis.session;

/**
 * Claims that an operator changed, and that a token does not have yet. A store has them with their values sealed. They are
 * somebody's: {@link #toString()} leaves them out.
 *
 * @param json an object; a member that is {@code null} takes the claim away
 */
public record ChangedClaims(String json) {
    public static final ChangedClaims NONE = new ChangedClaims("{}");

    @Override
    public String toString() {
        return equals(NONE) ? "none" : "ChangedClaims";
    }
}
