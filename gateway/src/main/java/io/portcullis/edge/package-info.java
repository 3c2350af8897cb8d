/** Gateway filters and HTTP answers. */
@NullMarked
package io.portcullis.edge;

import org.jspecify.annotations.NullMarked;
