package io.portcullis.edge;

import io.portcullis.session.RealmPolicy;
import io.portcullis.token.AccessTokenCodec;

/**
 * One audience at run time.
 *
 * @param name as {@code aud} of its refresh tokens says it
 * @param policy lifetimes and strictness
 * @param accessTokens the tokens of its backends
 */
public record Realm(String name, RealmPolicy policy, AccessTokenCodec accessTokens) {}
