/** What the operator is told: events, metrics, traces. */
@NullMarked
package io.portcullis.operations;

import org.jspecify.annotations.NullMarked;
