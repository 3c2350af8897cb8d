/** How often somebody may ask, and what is too much for this process. */
@NullMarked
package io.portcullis.limit;

import org.jspecify.annotations.NullMarked;
