package io.portcullis;

import io.portcullis.configuration.InvalidConfigurationException;
import io.portcullis.configuration.RealmKeyFiles;
import io.portcullis.configuration.RealmKeyFiles.Judgement;
import io.portcullis.configuration.RealmKeyFiles.Judgement.Refused;
import io.portcullis.configuration.RealmKeyFiles.Judgement.Usable;
import io.portcullis.operations.KeyEvents;
import io.portcullis.token.CurrentKeys;
import io.portcullis.token.RealmKeys;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Reads the key files again and again, on a thread of its own. When their contents have changed they are judged together, as
 * at the start: either all keys take the place of those before, at once, or none does. It compares contents, since
 * notifications miss the links that Kubernetes swaps.
 */
final class RollingKeys implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(RollingKeys.class);

    private final Supplier<RealmKeyFiles> reader;
    private final Function<RealmKeyFiles, Judgement> judge;
    private final KeyEvents events;
    private final Duration every;
    private final CurrentKeys keys;
    private volatile @Nullable Thread thread;

    /** Of the contents that were accepted or refused last. */
    private String judged;

    /** Of contents that were bad when they were seen first: somebody may still be writing. */
    private String suspected = "";

    /**
     * Reads the keys to begin with: blocking.
     *
     * @throws InvalidConfigurationException if they cannot be used
     */
    RollingKeys(
            Supplier<RealmKeyFiles> reader,
            Function<RealmKeyFiles, Judgement> judge,
            KeyEvents events,
            Duration every) {
        this.reader = reader;
        this.judge = judge;
        this.events = events;
        this.every = every;
        RealmKeyFiles files = reader.get();
        this.judged = files.digest();
        Judgement judgement = judge.apply(files);
        if (judgement instanceof Refused refused) {
            // they were checked before, and may have changed since
            throw new InvalidConfigurationException(refused.problems());
        }
        this.keys = new CurrentKeys(((Usable) judgement).byRealm());
        events.started(keys.byRealm());
    }

    CurrentKeys keys() {
        return keys;
    }

    /** Reads the files: blocking, small. Contents that cannot be used are refused when they are seen a second time. */
    void look() {
        RealmKeyFiles files = reader.get();
        String digest = files.digest();
        if (digest.equals(judged)) {
            suspected = "";
            return;
        }
        Judgement judgement = judge.apply(files);
        if (judgement instanceof Usable usable) {
            take(usable.byRealm(), digest);
        } else if (!digest.equals(suspected)) {
            suspected = digest;
        } else {
            judged = digest;
            events.refused(((Refused) judgement).problems());
        }
    }

    private void take(Map<String, RealmKeys> byRealm, String digest) {
        Map<String, RealmKeys> before = keys.byRealm();
        keys.replace(byRealm);
        judged = digest;
        suspected = "";
        events.taken(before, byRealm);
    }

    @Override
    public void start() {
        Thread started = new Thread(this::lookOn, "key-files");
        started.setDaemon(true);
        thread = started;
        started.start();
    }

    private void lookOn() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(every.toMillis());
                look();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                // a bug, and yet the next file is to be seen
                log.error("The key files could not be looked at", e);
            }
        }
    }

    @Override
    public void stop() {
        Thread started = thread;
        if (started != null) {
            started.interrupt();
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }
}
