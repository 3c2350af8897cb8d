package io.portcullis.operations;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.ReactiveAuthenticationManagerResolver;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.CsrfSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.RequestCacheSpec;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.security.web.server.authentication.AuthenticationWebFilter;
import org.springframework.security.web.server.authentication.HttpBasicServerAuthenticationEntryPoint;
import org.springframework.security.web.server.authentication.HttpStatusServerEntryPoint;
import org.springframework.security.web.server.authentication.ServerAuthenticationEntryPointFailureHandler;
import org.springframework.security.web.server.authentication.ServerHttpBasicAuthenticationConverter;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.util.matcher.PathPatternParserServerWebExchangeMatcher;
import org.springframework.web.ErrorResponse;
import org.springframework.web.filter.reactive.ServerWebExchangeContextFilter;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/**
 * Who gets to an endpoint of the management port: operators with a password (RFC 7617) or a client certificate; where there
 * are none of either, whoever calls from the gateway's own machine. All other paths are open, and see none of this.
 */
public final class OperatorSecurity {
    private OperatorSecurity() {}

    /**
     * The filter in front of an endpoint.
     *
     * @param path the endpoint's
     * @param passwords null where no operator has one
     * @param certificates the common names of operators
     * @param isOnLoopback whether nobody but the own machine can connect; without operators, nobody is let in else
     * @param events told of whoever is not let in
     */
    public static WebFilter filter(
            String path,
            @Nullable OperatorPasswords passwords,
            Set<String> certificates,
            boolean isOnLoopback,
            OperatorEvents events) {
        ServerHttpSecurity http = ServerHttpSecurity.http()
                .securityMatcher(new PathPatternParserServerWebExchangeMatcher(path + "/**"))
                .securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
                .requestCache(RequestCacheSpec::disable)
                // nothing here is asked for with a cookie, and what a page of another origin may send is not understood
                .csrf(CsrfSpec::disable)
                .addFilterAt(
                        (exchange, chain) -> chain.filter(exchange).doOnSuccess(done -> tell(exchange, events)),
                        SecurityWebFiltersOrder.FIRST)
                // the endpoint answers only what came this far
                .addFilterAfter(new ServerWebExchangeContextFilter(), SecurityWebFiltersOrder.AUTHORIZATION)
                .addFilterAfter(
                        (exchange, chain) -> chain.filter(exchange)
                                .onErrorResume(ErrorResponse.class::isInstance, e -> turnedAway(e, events)),
                        SecurityWebFiltersOrder.AUTHORIZATION);
        if (passwords == null && certificates.isEmpty()) {
            http.authorizeExchange(exchanges -> exchanges
                    .anyExchange()
                    .access((operator, context) -> Mono.just(
                            new AuthorizationDecision(isOnLoopback && OwnMachine.sent(context.getExchange())))));
        } else {
            http.authorizeExchange(exchanges -> exchanges.anyExchange().authenticated());
        }
        // without passwords there is nothing that a client could send instead
        ServerAuthenticationEntryPoint entry = passwords == null
                ? new HttpStatusServerEntryPoint(HttpStatus.FORBIDDEN)
                : OperatorSecurity::askForPassword;
        http.exceptionHandling(handling -> handling.authenticationEntryPoint(entry));
        if (!certificates.isEmpty()) {
            http.x509(x509 -> x509.authenticationManager(named(certificates)));
        }
        if (passwords != null) {
            http.addFilterAt(basic(passwords, entry), SecurityWebFiltersOrder.HTTP_BASIC);
        }
        SecurityWebFilterChain chain = http.build();
        return new WebFilterChainProxy(chain);
    }

    private static void tell(ServerWebExchange exchange, OperatorEvents events) {
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        if (status != null && (status.value() == 401 || status.value() == 403)) {
            events.refused(Operator.addressOf(exchange), status.value());
        }
    }

    /** Spring refuses what is no call of the endpoint: its method, its type, its body. */
    private static Mono<Void> turnedAway(Throwable e, OperatorEvents events) {
        int status = ((ErrorResponse) e).getStatusCode().value();
        return Operator.current()
                .doOnNext(operator -> events.turnedAway(operator, status))
                .then(Mono.error(e));
    }

    /** Spring's own has one manager for all addresses. */
    private static WebFilter basic(OperatorPasswords passwords, ServerAuthenticationEntryPoint entry) {
        ReactiveAuthenticationManagerResolver<ServerWebExchange> byAddress =
                exchange -> Mono.just(passwords.from(Operator.addressOf(exchange)));
        AuthenticationWebFilter basic = new AuthenticationWebFilter(byAddress);
        basic.setServerAuthenticationConverter(new ServerHttpBasicAuthenticationConverter());
        basic.setAuthenticationFailureHandler(new ServerAuthenticationEntryPointFailureHandler(entry));
        return basic;
    }

    private static Mono<Void> askForPassword(ServerWebExchange exchange, AuthenticationException why) {
        if (why instanceof TooManyAttemptsException tooMany) {
            exchange.getResponse().setStatusCode(HttpStatus.TOO_MANY_REQUESTS);
            exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, Integer.toString(tooMany.retryAfter()));
            return exchange.getResponse().setComplete();
        }
        return new HttpBasicServerAuthenticationEntryPoint().commence(exchange, why);
    }

    /** The connection has proved that the certificate is its client's, and that one of the trusted issued it. */
    private static ReactiveAuthenticationManager named(Set<String> certificates) {
        return presented -> certificates.contains(presented.getName())
                ? Mono.just(new PreAuthenticatedAuthenticationToken(presented.getName(), "", List.of()))
                : Mono.error(new BadCredentialsException("a certificate of nobody who may"));
    }
}
