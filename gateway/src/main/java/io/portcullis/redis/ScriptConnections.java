package io.portcullis.redis;

import io.netty.util.concurrent.EventExecutor;
import java.util.List;

/**
 * What scripts are run over: a connection of each event loop's own, over which what is asked there is answered there, and one
 * for all other threads. They are to the same server, and are left together. A loop without one uses that of the others.
 *
 * @param silence the server's: it is not silent as long as it answers over one of them
 */
record ScriptConnections(ScriptConnection shared, List<OfLoop> ofLoops, Silence silence) {

    record OfLoop(EventExecutor loop, ScriptConnection connection) {}

    /** The one for the thread that asks. */
    ScriptConnection here() {
        for (OfLoop own : ofLoops) {
            if (own.loop().inEventLoop()) {
                return own.connection();
            }
        }
        return shared;
    }

    boolean has(ScriptConnection one) {
        return one.equals(shared) || ofLoops.stream().anyMatch(own -> one.equals(own.connection()));
    }

    String master() {
        return shared.master();
    }
}
