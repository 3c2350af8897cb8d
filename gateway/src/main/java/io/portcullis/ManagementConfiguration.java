package io.portcullis;

import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.Http2;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * The server of the management port. Its context reads {@code server.http2} too, but has none of the beans that make HTTP/2
 * fit for use; who asks there, probes and scrapers, speaks HTTP/1.1. Named in {@code META-INF/spring}, and no
 * {@code @Configuration}, since the public server would find that too.
 */
class ManagementConfiguration {

    /** Unordered and so the last. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> http1Only() {
        return factory -> factory.setHttp2(new Http2());
    }
}
