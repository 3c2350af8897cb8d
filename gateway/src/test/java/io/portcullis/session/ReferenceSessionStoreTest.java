package io.portcullis.session;

import java.time.Clock;
import java.time.Duration;

class ReferenceSessionStoreTest extends ChangedClaimsContract {
    private final SessionStore store = new ReferenceSessionStore(Clock.tick(Clock.systemUTC(), Duration.ofMillis(1)));

    @Override
    protected SessionStore store() {
        return store;
    }
}
