/** The session store in Redis: runs a script, turns its answer into an outcome. */
@NullMarked
package io.portcullis.redis;

import org.jspecify.annotations.NullMarked;
