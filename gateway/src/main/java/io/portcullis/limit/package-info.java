/** How often somebody may ask. */
@NullMarked
package io.portcullis.limit;

import org.jspecify.annotations.NullMarked;
