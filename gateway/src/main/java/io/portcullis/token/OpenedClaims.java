package io.portcullis.token;

import io.portcullis.session.ChangedClaims;

/**
 * Changed claims that were sealed.
 *
 * @param claims those that a key opened, as they were written
 * @param unopened how many others there are, of which nothing is known
 */
public record OpenedClaims(ChangedClaims claims, int unopened) {}
