package io.portcullis.edge;

import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.TrailerHeadersFilter;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/** The trailers of an answer (RFC 9110, 6.5), without what they say of bytes that {@link IssuingResponse} changed. */
public final class IssuingTrailers implements HttpHeadersFilter, TrailerHeadersFilter {
    @Override
    public HttpHeaders filter(HttpHeaders headers, ServerWebExchange exchange) {
        return headers;
    }

    @Override
    public HttpHeaders trailers(@Nullable HttpHeaders trailers, ServerWebExchange exchange) {
        if (trailers == null) {
            return new HttpHeaders();
        }
        if (!IssuingResponse.isChanged(exchange)) {
            return trailers;
        }
        HttpHeaders rest = new HttpHeaders();
        rest.addAll(trailers);
        IssuingResponse.OF_THE_BYTES.forEach(rest::remove);
        return rest;
    }
}
