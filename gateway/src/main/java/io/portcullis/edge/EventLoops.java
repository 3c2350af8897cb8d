package io.portcullis.edge;

import reactor.netty.ReactorNetty;

/**
 * As many event loops as processors. reactor-netty has four at least: on two processors they take turns, and each has less to do
 * at once, to read and to write with one system call.
 */
public final class EventLoops {
    private EventLoops() {}

    /** To be called before there are any: reactor-netty reads it once. Whoever has set it already is right. */
    public static void asManyAsProcessors() {
        if (System.getProperty(ReactorNetty.IO_WORKER_COUNT) == null) {
            System.setProperty(
                    ReactorNetty.IO_WORKER_COUNT,
                    Integer.toString(Runtime.getRuntime().availableProcessors()));
        }
    }
}
