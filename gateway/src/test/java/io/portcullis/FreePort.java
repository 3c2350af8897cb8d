package io.portcullis;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port of the loopback interface that nobody listens on: below those that systems give to connections, one of which may have
 * it by the time that it is used.
 */
public final class FreePort {
    private static final int FIRST = 10_000;
    private static final int END = 32_000;

    private FreePort() {}

    public static int any() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // somebody does
            }
        }
    }
}
