package io.portcullis.edge;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A node (RFC 7239, 6) as proxies write it, in {@code Forwarded} and in {@code X-Forwarded-For}: an address, perhaps
 * with a port, which is left out; or {@code unknown}, an obfuscated name or nonsense, which is no address.
 */
final class ForwardedNode {
    private static final String PORT = ":(?:\\d{1,5}|_[\\w.-]+)";
    private static final Pattern NODE = Pattern.compile("\\[(?<bracketed>[0-9A-Fa-f:.]+)](?:" + PORT
            + ")?|(?<four>[0-9.]+)(?:" + PORT + ")?|(?<six>[0-9A-Fa-f:.]+)");

    private ForwardedNode() {}

    /** The address; null if the node is none. Never asks a name server. */
    static @Nullable InetAddress address(String node) {
        Matcher matcher = NODE.matcher(node);
        if (!matcher.matches()) {
            return null;
        }
        String four = matcher.group("four");
        if (four != null) {
            return NetUtil.isValidIpV4Address(four) ? of(NetUtil.createByteArrayFromIpAddressString(four)) : null;
        }
        String six = matcher.group("bracketed") == null ? matcher.group("six") : matcher.group("bracketed");
        return NetUtil.isValidIpV6Address(six) ? of(NetUtil.createByteArrayFromIpAddressString(six)) : null;
    }

    /** The address in its shortest form (RFC 5952), without a zone. */
    static String text(InetAddress address) {
        return NetUtil.toAddressString(address);
    }

    private static InetAddress of(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
