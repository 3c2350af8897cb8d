package io.portcullis.edge;

import io.netty.resolver.AddressResolverGroup;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientFactory;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.HttpClientSslConfigurer;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.client.HttpResponseDecoderSpec;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.TransportConfig;
import reactor.util.context.Context;

/**
 * The connections to backends: a pool for each backend, as {@code spring.cloud.gateway.server.webflux.httpclient.pool} says,
 * in which no more requests wait for a connection than there are connections; and beside it connections that serve one
 * request only, for those that say so in their context.
 */
public final class BackendConnections extends HttpClientFactory {
    private static final Object OF_ITS_OWN = new Object();

    public BackendConnections(
            HttpClientProperties properties,
            ServerProperties server,
            HttpClientSslConfigurer ssl,
            List<HttpClientCustomizer> customizers) {
        super(properties, server, ssl, customizers);
    }

    /** What a request is marked with that gets a new connection, which nobody uses after it. */
    static Context ofItsOwn() {
        return Context.of(OF_ITS_OWN, true);
    }

    /** The codec would cut into pieces of 8 KiB what {@link BodyWindow} has read as one. */
    @Override
    @SuppressWarnings("deprecation")
    protected HttpResponseDecoderSpec httpResponseDecoder(HttpResponseDecoderSpec spec) {
        return super.httpResponseDecoder(spec).maxChunkSize(BodyWindow.PIECE_BYTES);
    }

    @Override
    protected ConnectionProvider buildConnectionProvider(HttpClientProperties properties) {
        ConnectionProvider pool = super.buildConnectionProvider(properties);
        ConnectionProvider.Builder builder = pool.mutate();
        if (builder == null) {
            return pool;
        }
        int waiting = Math.max(1, properties.getPool().getMaxConnections());
        return new Choice(builder.pendingAcquireMaxCount(waiting).build());
    }

    private record Choice(ConnectionProvider pool) implements ConnectionProvider {
        private static final ConnectionProvider UNPOOLED = ConnectionProvider.newConnection();

        @Override
        public Mono<? extends Connection> acquire(
                TransportConfig config,
                ConnectionObserver observer,
                @Nullable Supplier<? extends SocketAddress> remote,
                @Nullable AddressResolverGroup<?> resolver) {
            return Mono.deferContextual(context ->
                    (context.hasKey(OF_ITS_OWN) ? UNPOOLED : pool).acquire(config, observer, remote, resolver));
        }

        @Override
        public void disposeWhen(SocketAddress address) {
            pool.disposeWhen(address);
        }

        @Override
        public Mono<Void> disposeLater() {
            return pool.disposeLater();
        }

        @Override
        public void dispose() {
            pool.dispose();
        }

        @Override
        public boolean isDisposed() {
            return pool.isDisposed();
        }

        @Override
        public int maxConnections() {
            return pool.maxConnections();
        }

        @Override
        public @Nullable String name() {
            return pool.name();
        }
    }
}
