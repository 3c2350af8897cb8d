package io.portcullis.configuration;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * A range of IP addresses in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3): {@code 10.0.0.0/8}, {@code 2001:db8::/32};
 * an address alone is a range of one.
 *
 * @param network its first address
 * @param prefixLength bits
 */
record AddressRange(InetAddress network, int prefixLength) {
    /** The range; null if the text is none, has bits set beyond its prefix, or is everything there is. */
    static @Nullable AddressRange parse(String text) {
        int slash = text.indexOf('/');
        InetAddress network = address(slash < 0 ? text : text.substring(0, slash));
        if (network == null) {
            return null;
        }
        int bits = network.getAddress().length * Byte.SIZE;
        String length = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
        if (!length.matches("[1-9]\\d{0,2}") || Integer.parseInt(length) > bits) {
            return null;
        }
        AddressRange range = new AddressRange(network, Integer.parseInt(length));
        return firstDifferentBit(network.getAddress(), new byte[bits / Byte.SIZE], range.prefixLength) < bits
                ? null
                : range;
    }

    boolean contains(InetAddress address) {
        byte[] own = network.getAddress();
        byte[] other = address.getAddress();
        return own.length == other.length && firstDifferentBit(own, other, 0) >= prefixLength;
    }

    /** From that bit on; the number of bits if there is none. */
    private static int firstDifferentBit(byte[] one, byte[] other, int from) {
        int bits = one.length * Byte.SIZE;
        int at = from;
        while (at < bits && bit(one, at) == bit(other, at)) {
            at++;
        }
        return at;
    }

    private static int bit(byte[] address, int at) {
        return (address[at / Byte.SIZE] >> (Byte.SIZE - 1 - at % Byte.SIZE)) & 1;
    }

    /** An IPv4 address in the guise of IPv6 is none: nobody could tell which prefix length is meant. */
    private static @Nullable InetAddress address(String text) {
        boolean four = NetUtil.isValidIpV4Address(text);
        if (!four && (!NetUtil.isValidIpV6Address(text) || !text.matches("[0-9A-Fa-f:.]+"))) {
            return null;
        }
        try {
            InetAddress address = InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
            return four || address instanceof Inet6Address ? address : null;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
