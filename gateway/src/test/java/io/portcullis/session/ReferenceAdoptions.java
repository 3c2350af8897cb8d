package io.portcullis.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The adoptions of a {@link ReferenceSessionStore}. */
final class ReferenceAdoptions {
    /** A claim until its lease is over; for good once something is sealed. */
    private record Adoption(
            AttemptId by, Instant leaseEnd, @Nullable String sealed) {}

    private final InstantSource clock;
    private final Map<TokenHash, Adoption> adoptions = new HashMap<>();

    ReferenceAdoptions(InstantSource clock) {
        this.clock = clock;
    }

    private @Nullable Adoption adoption(TokenHash token) {
        adoptions.computeIfPresent(
                token,
                (id, known) -> known.sealed() != null || clock.instant().isBefore(known.leaseEnd()) ? known : null);
        return adoptions.get(token);
    }

    synchronized AdoptionClaim claimed(TokenHash token, AttemptId claimant, Duration lease) {
        Adoption known = adoption(token);
        if (known != null && known.sealed() != null) {
            return new AdoptionClaim.Adopted(known.sealed());
        }
        if (known != null && !known.by().equals(claimant)) {
            return new AdoptionClaim.Busy();
        }
        adoptions.put(token, new Adoption(claimant, clock.instant().plus(lease), null));
        return new AdoptionClaim.Claimed();
    }

    synchronized boolean completed(TokenHash token, AttemptId claimant, String sealed) {
        Adoption known = adoption(token);
        boolean kept = known == null || known.by().equals(claimant);
        if (kept) {
            adoptions.put(token, new Adoption(claimant, Instant.MAX, sealed));
        }
        return kept;
    }

    synchronized boolean givenBack(TokenHash token, AttemptId claimant) {
        Adoption known = adoption(token);
        boolean given = known != null && known.by().equals(claimant) && known.sealed() == null;
        if (given) {
            adoptions.remove(token);
        }
        return given;
    }
}
