package io.portcullis;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A client that keeps its connection for as long as it is allowed to, and sends nothing twice. */
final class KeptConnection implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length: (\\d+)\r\n");

    /** An answer; where none came, a status of 0 and why. */
    record Answer(int status, String body) {}

    private final int port;
    private @Nullable RawConnection connection;

    KeptConnection(int port) {
        this.port = port;
    }

    Answer get(String path, String bearer) {
        return send("GET " + path + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + bearer + "\r\n\r\n");
    }

    Answer post(String path, String json) {
        return send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                + json.getBytes(StandardCharsets.ISO_8859_1).length + "\r\n\r\n" + json);
    }

    private Answer send(String request) {
        try {
            if (connection == null) {
                connection = RawConnection.to(port);
            }
            String head = connection.write(request).head();
            Matcher length = LENGTH.matcher(head.toLowerCase(Locale.ROOT));
            if (!length.find()) {
                throw new AssertionError("no length: " + head);
            }
            String body = connection.text(Integer.parseInt(length.group(1)));
            if (head.toLowerCase(Locale.ROOT).contains("\r\nconnection: close\r\n")) {
                close();
            }
            return new Answer(Integer.parseInt(head.split(" ")[1]), body);
        } catch (UncheckedIOException | AssertionError e) {
            close();
            return new Answer(0, e.toString());
        }
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
