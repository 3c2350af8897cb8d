/**
 * The rules of refresh-token rotation: what a session is, what may happen to it, and who decides. Knows neither Spring
 * nor Redis nor a clock. Start with {@link io.portcullis.session.RotationRules}.
 */
@NullMarked
package io.portcullis.session;

import org.jspecify.annotations.NullMarked;
