package io.portcullis;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.timelimiter.TimeLimiterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.portcullis.edge.AnswerTrailers;
import io.portcullis.edge.BackendConnections;
import io.portcullis.edge.BackendRouting;
import io.portcullis.edge.ExactTargetFilter;
import io.portcullis.edge.GuardFilter;
import io.portcullis.edge.HostGuard;
import io.portcullis.edge.InterimAnswers;
import io.portcullis.edge.IsolateBackendGatewayFilterFactory;
import io.portcullis.edge.MethodGuard;
import io.portcullis.edge.NextHopHeaders;
import io.portcullis.edge.OverloadGuard;
import io.portcullis.edge.PathGuard;
import io.portcullis.edge.PromptHeads;
import io.portcullis.edge.SecondAttempt;
import io.portcullis.edge.TransferCodingGuard;
import io.portcullis.edge.UpgradeFilter;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientFactory;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.HttpClientSslConfigurer;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import reactor.netty.http.client.HttpClient;

/** How requests go to backends and answers come back, where Spring Cloud Gateway alone would be noticed. */
@Configuration(proxyBeanMethods = false)
class ForwardingConfiguration {
    private static final Set<String> METHODS =
            Arrays.stream(HttpMethod.values()).map(HttpMethod::name).collect(Collectors.toUnmodifiableSet());

    /** A client may send any method: Spring Cloud Gateway's {@code spring.cloud.gateway.requests} has a timer for each. */
    @Bean
    static MeterFilter knownMethods() {
        return MeterFilter.replaceTagValues("httpMethod", method -> METHODS.contains(method) ? method : "UNKNOWN");
    }

    @Bean
    HttpClientFactory backendConnections(
            HttpClientProperties properties,
            ServerProperties server,
            HttpClientSslConfigurer ssl,
            List<HttpClientCustomizer> customizers) {
        return new BackendConnections(properties, server, ssl, customizers);
    }

    @Bean
    BackendRouting backendRouting(
            HttpClient client, ObjectProvider<List<HttpHeadersFilter>> filters, HttpClientProperties properties) {
        return new BackendRouting(client, filters, properties);
    }

    /** Spring Cloud Gateway's own goes with its routing filter, whose place {@link BackendRouting} takes. */
    @Bean
    NettyWriteResponseFilter answersOfBackends(
            GatewayProperties gateway, ObjectProvider<List<HttpHeadersFilter>> filters) {
        return new NettyWriteResponseFilter(gateway.getStreamingMediaTypes(), filters);
    }

    @Bean
    SecondAttempt secondAttempt() {
        return new SecondAttempt();
    }

    @Bean
    IsolateBackendGatewayFilterFactory isolateBackend(
            CircuitBreakerRegistry circuitBreakers, TimeLimiterRegistry timeLimiters, BulkheadRegistry bulkheads) {
        return new IsolateBackendGatewayFilterFactory(
                circuitBreakers, timeLimiters, bulkheads, Set.of(RedisConfiguration.STORE_CIRCUIT_BREAKER));
    }

    @Bean
    GuardFilter guards(OverloadGuard overload, PathGuard paths) {
        return new GuardFilter(List.of(new HostGuard(), new MethodGuard(), new TransferCodingGuard(), overload, paths));
    }

    @Bean
    NextHopHeaders nextHopHeaders() {
        return new NextHopHeaders();
    }

    @Bean
    UpgradeFilter upgradeFilter() {
        return new UpgradeFilter();
    }

    @Bean
    InterimAnswers interimAnswers() {
        return new InterimAnswers();
    }

    @Bean
    PromptHeads promptHeads() {
        return new PromptHeads();
    }

    @Bean
    AnswerTrailers answerTrailers() {
        return new AnswerTrailers();
    }

    @Bean
    ExactTargetFilter exactTargetFilter() {
        return new ExactTargetFilter();
    }
}
