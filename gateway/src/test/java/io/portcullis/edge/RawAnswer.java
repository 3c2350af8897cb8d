package io.portcullis.edge;

import io.portcullis.RawClient;
import java.util.List;

/** An answer as it came over the wire. */
record RawAnswer(int status, List<String> headers, String body) {
    /**
     * Sends a request with {@code Host} and {@code Connection: close}.
     *
     * @param headers lines
     */
    static RawAnswer to(int port, String method, String target, String body, String... headers) {
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
        String answer = RawClient.send(
                port,
                method + " " + target + " HTTP/1.1\r\nHost: api.example\r\n" + lines + length
                        + "Connection: close\r\n\r\n" + body);
        int head = answer.indexOf("\r\n\r\n");
        List<String> fields = answer.substring(0, head).lines().toList();
        return new RawAnswer(
                Integer.parseInt(fields.get(0).split(" ")[1]),
                fields.subList(1, fields.size()),
                answer.substring(head + 4));
    }

    List<String> all(String name) {
        return headers.stream()
                .filter(header -> header.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(header -> header.substring(name.length() + 1).trim())
                .toList();
    }
}
