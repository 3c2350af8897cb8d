package io.portcullis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends the bytes it is given: one request, one connection. */
public final class RawClient {
    private RawClient() {}

    /** The whole answer, read until the server closes; the request should ask it to. */
    public static String send(int port, String request) {
        return sendFrom("127.0.0.1", port, request);
    }

    /** The same from another of this machine's addresses, in 127.0.0.0/8, or {@code ::1}. */
    public static String sendFrom(String address, int port, String request) {
        try (Socket socket = new Socket()) {
            InetAddress from = InetAddress.getByName(address);
            socket.bind(new InetSocketAddress(from, 0));
            InetAddress to = from instanceof Inet6Address ? from : InetAddress.getLoopbackAddress();
            socket.connect(new InetSocketAddress(to, port));
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
