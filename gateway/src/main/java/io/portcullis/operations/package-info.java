/** What the operator sees: metrics. */
@NullMarked
package io.portcullis.operations;

import org.jspecify.annotations.NullMarked;
