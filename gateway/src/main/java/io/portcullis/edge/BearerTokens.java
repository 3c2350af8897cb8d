package io.portcullis.edge;

import io.portcullis.session.SessionId;
import io.portcullis.token.SessionClaim;
import java.util.ArrayList;
import java.util.List;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Where requests carry access tokens: in headers, and where a browser's WebSocket cannot set any in the query (RFC 6750,
 * 2.3).
 *
 * @param headers names, e.g. {@code Authorization}
 * @param queryParameters names, e.g. {@code access_token}
 */
public record BearerTokens(List<String> headers, List<String> queryParameters) {
    /** @param headers names in any case */
    public BearerTokens {
        headers = List.copyOf(headers);
        queryParameters = List.copyOf(queryParameters);
    }

    /** The sessions that a request's tokens name, unverified. */
    List<SessionId> sessions(ServerHttpRequest request) {
        List<SessionId> sessions = new ArrayList<>(1);
        for (String name : headers) {
            for (String value : request.getHeaders().getOrEmpty(name)) {
                sessions.addAll(SessionClaim.in(value));
            }
        }
        if (!queryParameters.isEmpty() && request.getURI().getRawQuery() != null) {
            for (String name : queryParameters) {
                for (String value : request.getQueryParams().getOrDefault(name, List.of())) {
                    if (value != null) {
                        sessions.addAll(SessionClaim.in(value));
                    }
                }
            }
        }
        return sessions;
    }
}
