package io.portcullis.limit;

/** What a limiter says to a request. */
public sealed interface Admission {
    /** It may go on. */
    record Admitted() implements Admission {}

    /**
     * It is one too many, and was not counted.
     *
     * @param limit how many requests there may be at once
     * @param retryAfter after how many seconds there may be another, positive
     */
    record TooMany(int limit, int retryAfter) implements Admission {}
}
