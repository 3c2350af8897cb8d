package io.portcullis;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.edge.BodyWindow;
import io.portcullis.edge.ClientConnections;
import io.portcullis.edge.ConnectionDrain;
import io.portcullis.edge.DecodedRequests;
import io.portcullis.edge.EventLoops;
import io.portcullis.edge.Http2Limits;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyProperties;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.core.publisher.Mono;

/** The connections of clients: how many, for how long, and what is done on them before Spring sees a request. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ReactorNettyProperties.class)
class ConnectionsConfiguration {

    /** In place of Spring Boot's, whose event loops are the process's. They are made once: a context that was stopped stays so. */
    @Bean
    ReactorResourceFactory eventLoops(ReactorNettyProperties netty) {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(EventLoops::create);
        Duration quiet = netty.getShutdownQuietPeriod();
        if (quiet != null) {
            resources.setShutdownQuietPeriod(quiet);
        }
        return resources;
    }

    /** Connections to backends are on the same. */
    @Bean
    HttpClientCustomizer loopsOfBackends(ReactorResourceFactory resources) {
        return client -> client.runOn(resources.getLoopResources());
    }

    @Bean
    NettyServerCustomizer decodedRequests(PortcullisProperties properties) {
        return new DecodedRequests(
                properties.connections().idleTimeout(), properties.connections().headTimeout())::customize;
    }

    /** Beside {@link BodyWindow#limitPiecesWrittenAhead}, which is the process's. */
    @Bean
    BodyWindow bodyWindow() {
        return new BodyWindow();
    }

    @Bean
    NettyServerCustomizer bodiesOfClients(BodyWindow window) {
        return window::customize;
    }

    @Bean
    NettyServerCustomizer clientConnections(PortcullisProperties properties, MeterRegistry meters) {
        return new ClientConnections(properties.connections().max(), meters)::customize;
    }

    @Bean
    ConnectionDrain connectionDrain() {
        return new ConnectionDrain();
    }

    @Bean
    NettyServerCustomizer drainedConnections(ConnectionDrain drain) {
        return drain::customize;
    }

    /**
     * Goes on serving for a while after SIGTERM: readiness says 503 from its beginning (Spring Boot), and balancers need time
     * to notice. Then the web servers end gracefully, the management port's after the public one.
     */
    @Bean
    ShutdownStep drain(ConnectionDrain drain, PortcullisProperties properties) {
        Duration time = properties.connections().drainTime();
        Mono<Void> served =
                Mono.fromRunnable(drain::begin).then(Mono.delay(time)).then();
        return new ShutdownStep(ShutdownStep.FIRST, time.isZero() ? Mono.empty() : served);
    }

    /** Unordered and so the last: Boot sets one of these limits too, and with it resets the others. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> http2Limits(ServerProperties server) {
        Http2Limits limits =
                new Http2Limits(server.getMaxHttpRequestHeaderSize().toBytes());
        return factory -> factory.addServerCustomizers(limits::customize);
    }
}
