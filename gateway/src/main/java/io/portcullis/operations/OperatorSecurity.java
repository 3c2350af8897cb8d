package io.portcullis.operations;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UserDetailsRepositoryReactiveAuthenticationManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.CsrfSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.RequestCacheSpec;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.security.web.server.authentication.HttpStatusServerEntryPoint;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.util.matcher.PathPatternParserServerWebExchangeMatcher;
import org.springframework.web.filter.reactive.ServerWebExchangeContextFilter;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/**
 * Who gets to an endpoint of the management port: operators with a password (RFC 7617) or a client certificate; where there
 * are none of either, whoever calls from the gateway's own machine. All other paths are open, and see none of this.
 */
public final class OperatorSecurity {
    private static final Pattern OWN_NAMES =
            Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

    private OperatorSecurity() {}

    /**
     * The filter in front of an endpoint.
     *
     * @param path the endpoint's
     * @param passwords of operators, by name, each behind the name of its encoding in braces
     * @param certificates the common names of operators
     * @param events told of whoever is not let in
     */
    public static WebFilter filter(
            String path, Map<String, String> passwords, Set<String> certificates, OperatorEvents events) {
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
                .addFilterAfter(new ServerWebExchangeContextFilter(), SecurityWebFiltersOrder.AUTHORIZATION);
        if (passwords.isEmpty() && certificates.isEmpty()) {
            http.authorizeExchange(exchanges -> exchanges
                    .anyExchange()
                    .access((operator, context) -> Mono.just(ownMachine(context.getExchange()))));
        } else {
            http.authorizeExchange(exchanges -> exchanges.anyExchange().authenticated());
        }
        if (passwords.isEmpty()) {
            // there is nothing that a client could send instead
            http.exceptionHandling(handling ->
                    handling.authenticationEntryPoint(new HttpStatusServerEntryPoint(HttpStatus.FORBIDDEN)));
        }
        if (!certificates.isEmpty()) {
            http.x509(x509 -> x509.authenticationManager(named(certificates)));
        }
        if (!passwords.isEmpty()) {
            http.httpBasic(basic -> basic.authenticationManager(withPassword(passwords)));
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

    private static AuthorizationResult ownMachine(ServerWebExchange exchange) {
        InetAddress address = Operator.addressOf(exchange);
        List<String> hosts = exchange.getRequest().getHeaders().getOrEmpty(HttpHeaders.HOST);
        // a browser on this machine asks whatever name a page has, which may be made to mean this machine
        boolean isMeant = hosts.size() == 1 && OWN_NAMES.matcher(hosts.get(0)).matches();
        return new AuthorizationDecision(address != null && address.isLoopbackAddress() && isMeant);
    }

    private static ReactiveAuthenticationManager withPassword(Map<String, String> passwords) {
        List<UserDetails> operators = new ArrayList<>();
        passwords.forEach((name, password) ->
                operators.add(User.withUsername(name).password(password).build()));
        var manager =
                new UserDetailsRepositoryReactiveAuthenticationManager(new MapReactiveUserDetailsService(operators));
        manager.setPasswordEncoder(PasswordEncoderFactories.createDelegatingPasswordEncoder());
        return manager;
    }

    /** The connection has proved that the certificate is its client's, and that one of the trusted issued it. */
    private static ReactiveAuthenticationManager named(Set<String> certificates) {
        return presented -> certificates.contains(presented.getName())
                ? Mono.just(new PreAuthenticatedAuthenticationToken(presented.getName(), "", List.of()))
                : Mono.error(new BadCredentialsException("a certificate of nobody who may"));
    }
}
