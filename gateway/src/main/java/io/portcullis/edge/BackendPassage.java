package io.portcullis.edge;

import io.portcullis.edge.Adoption.Ended;
import io.portcullis.edge.BackendAnswer.Exchanged;
import io.portcullis.edge.BackendAnswer.Nothing;
import io.portcullis.edge.BackendAnswer.Refusal;
import io.portcullis.edge.RefreshOutcome.AnsweredByBackend;
import io.portcullis.edge.RefreshOutcome.RefusedByBackend;
import io.portcullis.edge.RefreshOutcome.Undecided;
import io.portcullis.operations.RefreshResult;
import io.portcullis.token.BackendToken;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** A gateway that is leaving: refresh tokens of the backends are exchanged by them, and stay theirs. The store is not asked. */
public final class BackendPassage implements BackendTokens {
    private static final Logger log = LoggerFactory.getLogger(BackendPassage.class);

    private final BackendRefresh backends;
    private final Duration clockSkew;
    private final InstantSource clock;

    public BackendPassage(BackendRefresh backends, Duration clockSkew, InstantSource clock) {
        this.backends = backends;
        this.clockSkew = clockSkew;
        this.clock = clock;
    }

    @Override
    public @Nullable BackendToken read(String presented) {
        return BackendToken.read(presented, clock.instant(), clockSkew);
    }

    @Override
    public Mono<Adoption> adopt(BackendToken token, ClientRequest request) {
        return backends.send(request).map(BackendPassage::passed);
    }

    private static Adoption passed(BackendAnswer answer) {
        if (answer instanceof Exchanged exchanged) {
            return new Ended(new AnsweredByBackend(exchanged), RefreshResult.PASSED);
        }
        if (answer instanceof Refusal refusal) {
            return new Ended(new RefusedByBackend(refusal), RefreshResult.REFUSED_BY_BACKEND);
        }
        log.warn("The backends did not decide about a refresh token of theirs: {}", ((Nothing) answer).why());
        return new Ended(new Undecided(), RefreshResult.UNDECIDED);
    }
}
