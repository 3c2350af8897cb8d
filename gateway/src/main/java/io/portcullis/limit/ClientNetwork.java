package io.portcullis.limit;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client's address stands for: an IPv4 address for itself, an IPv6 address for its network, since whoever has one
 * has all of that (RFC 6177). Clients without an address are one.
 *
 * @param bytes of an address; 0 of none
 */
public record ClientNetwork(int bytes, long high, long low) {
    private static final ClientNetwork UNKNOWN = new ClientNetwork(0, 0, 0);

    /**
     * Whom that address stands for.
     *
     * @param ipv6Prefix bits, 1 to 128
     */
    public static ClientNetwork of(@Nullable InetAddress address, int ipv6Prefix) {
        if (address == null) {
            return UNKNOWN;
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        if (bytes.remaining() == Integer.BYTES) {
            return new ClientNetwork(Integer.BYTES, 0, bytes.getInt());
        }
        long high = bytes.getLong() & first(Math.min(ipv6Prefix, Long.SIZE));
        long low = bytes.getLong() & first(Math.max(ipv6Prefix - Long.SIZE, 0));
        return new ClientNetwork(2 * Long.BYTES, high, low);
    }

    private static long first(int bits) {
        return bits == 0 ? 0 : -1L << (Long.SIZE - bits);
    }
}
