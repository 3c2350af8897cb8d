/** The process and its wiring. */
@NullMarked
package io.portcullis;

import org.jspecify.annotations.NullMarked;
