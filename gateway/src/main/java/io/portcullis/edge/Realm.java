package io.portcullis.edge;

import io.portcullis.session.RealmPolicy;
import io.portcullis.token.AccessTokenCodec;
import io.portcullis.token.AdoptionCodec;
import org.jspecify.annotations.Nullable;

/**
 * One audience at run time.
 *
 * @param name as {@code aud} of its refresh tokens says it
 * @param policy lifetimes and strictness
 * @param accessTokens the tokens of its backends
 * @param adoption the refresh tokens of its backends; null where none are adopted
 */
public record Realm(
        String name,
        RealmPolicy policy,
        AccessTokenCodec accessTokens,
        @Nullable AdoptionCodec adoption) {}
