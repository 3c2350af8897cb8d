/** The properties of {@code config/} and what must be true of them before the gateway starts. */
@NullMarked
package io.portcullis.configuration;

import org.jspecify.annotations.NullMarked;
