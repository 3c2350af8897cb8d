package io.portcullis.edge;

import java.nio.ByteBuffer;
import org.springframework.web.server.ServerWebExchange;

/**
 * A refresh request as its client sent it.
 *
 * @param body its bytes
 */
record ClientRequest(ServerWebExchange exchange, ByteBuffer body) {}
