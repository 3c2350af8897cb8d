package io.portcullis.soak;

/** Where the replicas of a run keep their sessions, and what goes wrong with it. */
interface SoakRedis extends AutoCloseable {
    /** Where one more replica finds it, each as {@code name=value}. */
    String[] another();

    /** Makes a fault of that kind, and says so. */
    void make(SoakFault kind, Faults faults);

    @Override
    void close();
}
