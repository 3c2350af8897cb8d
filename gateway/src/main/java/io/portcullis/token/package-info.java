/** Keys, the refresh-token codec and the access tokens that are verified and minted. */
@NullMarked
package io.portcullis.token;

import org.jspecify.annotations.NullMarked;
