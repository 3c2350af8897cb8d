package io.portcullis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;

/** A backend that does nothing of its own: the test takes each connection and plays the server on it. */
public final class RawListener implements AutoCloseable {
    private static final int PATIENCE_MS = 20_000;

    private final ServerSocket listener;

    private RawListener(int port) {
        try {
            listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static RawListener start() {
        return new RawListener(0);
    }

    /** One on that very port, such as the successor of another that was closed. */
    public static RawListener startAt(int port) {
        return new RawListener(port);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String uri() {
        return "http://127.0.0.1:" + port();
    }

    /** The next connection that somebody opens. */
    public RawConnection accept() {
        try {
            listener.setSoTimeout(PATIENCE_MS);
            return new RawConnection(listener.accept());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether nobody opens a connection within that time. */
    public boolean isLeftAloneFor(int milliseconds) {
        try {
            listener.setSoTimeout(milliseconds);
            listener.accept().close();
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
