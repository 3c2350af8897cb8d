package io.portcullis.demo;

import io.portcullis.session.SessionId;
import io.portcullis.session.SessionLookup.Found;
import io.portcullis.session.SessionState;
import io.portcullis.session.SessionStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import tools.jackson.databind.json.JsonMapper;

/**
 * A page of the demo application on which one logs in, refreshes, replays, and sees what becomes of the session: what Redis
 * has of it the page asks here once a second.
 */
final class DemoPage {
    // read once: no file is read on a network thread
    private final byte[] page = read("index.html");
    private final byte[] script = read("demo.js");
    private volatile @Nullable SessionStore store;

    /** Where sessions are looked up, once the gateway runs. */
    void watch(SessionStore sessions) {
        store = sessions;
    }

    void routes(HttpServerRoutes routes) {
        routes.get("/demo", (request, response) -> file(response, page, "text/html; charset=utf-8"))
                .get("/demo/demo.js", (request, response) -> file(response, script, "text/javascript; charset=utf-8"))
                .get("/demo/sessions/{sid}", this::session);
    }

    private static Mono<Void> file(HttpServerResponse response, byte[] file, String type) {
        return response.header("Content-Type", type)
                .header("Cache-Control", "no-cache")
                .sendByteArray(Mono.just(file))
                .then();
    }

    private static byte[] read(String name) {
        try (InputStream file = Objects.requireNonNull(DemoPage.class.getResourceAsStream("/demo/" + name))) {
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private Mono<Void> session(HttpServerRequest request, HttpServerResponse response) {
        String sid = Objects.requireNonNull(request.param("sid"));
        SessionStore sessions = store;
        if (sessions == null || !SessionId.isValid(sid)) {
            return response.sendNotFound();
        }
        return sessions.find(new SessionId(sid))
                .flatMap(lookup -> lookup instanceof Found found
                        ? response.header("Content-Type", "application/json")
                                .header("Cache-Control", "no-store")
                                .sendByteArray(Mono.just(JsonMapper.shared().writeValueAsBytes(shown(found.session()))))
                                .then()
                        : Mono.from(response.sendNotFound()));
    }

    private static Map<String, Object> shown(SessionState session) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("generation", session.generation());
        shown.put("status", session.tombstone() == null ? "live" : "revoked");
        if (session.tombstone() != null) {
            shown.put("reason", session.tombstone().reason().name().toLowerCase(Locale.ROOT));
            shown.put("presented", session.tombstone().presented());
        }
        return shown;
    }
}
