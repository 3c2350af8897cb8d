package io.portcullis.edge;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Refuses a body in a transfer coding other than chunks (RFC 9112, 6.1): a coding is of the connection, and a backend would be
 * sent the coded bytes without a word of it.
 */
public final class TransferCodingGuard implements RequestGuard {

    @Override
    public @Nullable Mono<Void> refusal(ServerWebExchange exchange) {
        List<String> lines = exchange.getRequest().getHeaders().getOrEmpty(HttpHeaders.TRANSFER_ENCODING);
        if (lines.isEmpty() || isChunked(lines)) {
            return null;
        }
        return JsonAnswer.last(HttpStatus.NOT_IMPLEMENTED, "Transfer coding not implemented")
                .to(exchange);
    }

    private static boolean isChunked(List<String> lines) {
        List<String> codings = lines.stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::trim)
                .toList();
        return codings.isEmpty() || (codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked"));
    }
}
