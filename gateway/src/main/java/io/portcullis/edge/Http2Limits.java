package io.portcullis.edge;

import reactor.netty.http.server.HttpServer;

/**
 * What one HTTP/2 connection may ask of the gateway (RFC 9113, 10.5). Beside these netty bounds frames, header
 * blocks and queued control frames by itself.
 */
public final class Http2Limits {
    /** As many as other servers allow; a browser needs no more, and a client waits for a free one. */
    private static final int CONCURRENT_STREAMS_MAX = 128;

    /**
     * Streams that a client begins and resets at once are not counted as concurrent (CVE-2023-44487), nor those that it makes
     * the server reset (CVE-2025-8671): who does more of it in a window loses the connection.
     */
    private static final int RESETS_MAX = 200;

    private static final int RESET_WINDOW_SECONDS = 30;

    /**
     * Bytes of one request's body that a client may send ahead. A tenth of a second away, 64 KiB would make 5 Mbit/s of any
     * line.
     */
    private static final int STREAM_WINDOW_BYTES = 512 * 1024;

    /** Of all bodies on a connection together: more than of one, so that one that waits does not stop the others. */
    static final int CONNECTION_WINDOW_BYTES = 1024 * 1024;

    private final long headersLimit;

    /** @param headersLimit bytes of a request's headers, unpacked */
    public Http2Limits(long headersLimit) {
        this.headersLimit = headersLimit;
    }

    /** Sets the limits: all at once, since whoever sets some of them later resets the others. */
    public HttpServer customize(HttpServer server) {
        return server.http2Settings(settings -> settings.maxConcurrentStreams(CONCURRENT_STREAMS_MAX)
                .maxHeaderListSize(headersLimit)
                .initialWindowSize(STREAM_WINDOW_BYTES)
                .maxDecodedRstFramesPerWindow(RESETS_MAX, RESET_WINDOW_SECONDS)
                .maxEncodedRstFramesPerWindow(RESETS_MAX, RESET_WINDOW_SECONDS));
    }
}
