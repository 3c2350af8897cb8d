package io.portcullis.edge;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a request came from and what it was sent to, as far as the gateway can know.
 *
 * @param client null if the connection has no address
 * @param isVouchedFor whether a trusted proxy sent the request
 * @param scheme {@code http} or {@code https}
 * @param host with its port, where one was named; null if none was, or none that is a host
 * @param port that of the host, else the scheme's own
 */
record RequestOrigin(
        @Nullable InetAddress client,
        boolean isVouchedFor,
        String scheme,
        @Nullable String host,
        int port) {}
