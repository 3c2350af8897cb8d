package io.portcullis.operations;

import io.portcullis.session.SessionId;
import io.portcullis.session.SubjectHash;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Something that happened to sessions. It holds no token and no subject's name; the client's address and the operator's name,
 * which are personal data, can be left out where the event is kept.
 *
 * @param id stays the same however often the event is sent
 * @param type e.g. {@code refresh.reused}
 * @param details what else there is to say, by name: words and numbers
 * @param client the address, where one is known
 */
record SessionEvent(
        String id,
        Instant time,
        String type,
        String realm,
        @Nullable SubjectHash subject,
        @Nullable SessionId session,
        Map<String, Object> details,
        @Nullable String client) {
    /** The detail that is an operator's name. */
    static final String OPERATOR = "operator";

    private static final JsonMapper JSON = JsonMapper.shared();

    static String newId() {
        return "evt_" + UUID.randomUUID();
    }

    /** All but the id, the time and the type, by name, in the order in which they are printed. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("realm", realm);
        if (subject != null) {
            fields.put("subject", subject.value());
        }
        if (session != null) {
            fields.put("sid", session.value());
        }
        fields.putAll(details);
        if (client != null) {
            fields.put("client", client);
        }
        return fields;
    }

    /** The event without the client's address and the operator's name. */
    SessionEvent withoutPersons() {
        Map<String, Object> impersonal = new LinkedHashMap<>(details);
        impersonal.remove(OPERATOR);
        return new SessionEvent(id, time, type, realm, subject, session, impersonal, null);
    }

    /** {@code {"id":..,"type":..,"timestamp":..,"data":{..}}}, the same text at every call. */
    String json() {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("id", id);
        event.put("type", type);
        event.put("timestamp", time.toString());
        event.put("data", fields());
        return JSON.writeValueAsString(event);
    }
}
