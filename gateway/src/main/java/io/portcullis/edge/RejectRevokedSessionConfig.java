package io.portcullis.edge;

/** The arguments of {@code RejectRevokedSession}; a JavaBean, as Spring Cloud Gateway fills it. */
public final class RejectRevokedSessionConfig {
    private int status = 401;
    private String error = "Invalid token.";

    /** The answer's status, of the class 4xx. */
    public int getStatus() {
        return status;
    }

    public void setStatus(int status) {
        this.status = status;
    }

    /** What the answer's member {@code error} says. */
    public String getError() {
        return error;
    }

    public void setError(String error) {
        this.error = error;
    }
}
