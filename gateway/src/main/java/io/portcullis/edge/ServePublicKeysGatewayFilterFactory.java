package io.portcullis.edge;

import io.portcullis.token.CurrentKeys;
import io.portcullis.token.PublicKeys;
import io.portcullis.token.RealmKeys;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code ServePublicKeys} or {@code ServePublicKeys=realm,max-age}: the route's requests are answered with a JWK Set (RFC 7517,
 * 5) of the public keys that access tokens are verified with, and go nowhere else. A key that both sides share is never in
 * it, nor is one of refresh tokens: a backend that trusts the set must not take those for access tokens.
 */
public final class ServePublicKeysGatewayFilterFactory extends AbstractGatewayFilterFactory<ServePublicKeysConfig> {
    private static final MediaType JWK_SET = MediaType.parseMediaType("application/jwk-set+json");
    private static final String METHODS = "GET, HEAD, OPTIONS";

    private final CurrentKeys keys;
    private final Realms realms;

    /** An answer, for as long as the keys are those that it was made of. */
    private record Made(Map<String, RealmKeys> of, CacheableAnswer answer) {}

    /** @param keys those of the moment */
    public ServePublicKeysGatewayFilterFactory(CurrentKeys keys, Realms realms) {
        super(ServePublicKeysConfig.class);
        this.keys = keys;
        this.realms = realms;
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("realm", "maxAge");
    }

    @Override
    public GatewayFilter apply(ServePublicKeysConfig config) {
        String realm = config.getRealm().isBlank()
                ? null
                : realms.get(config.getRealm()).name();
        if (config.getMaxAge().isNegative()) {
            throw new IllegalArgumentException("ServePublicKeys: max-age is negative: " + config.getMaxAge());
        }
        CacheControl cache = CacheControl.maxAge(config.getMaxAge()).cachePublic();
        AtomicReference<@Nullable Made> last = new AtomicReference<>();
        return (exchange, chain) -> handle(exchange, () -> answer(realm, cache, last));
    }

    private static Mono<Void> handle(ServerWebExchange exchange, Supplier<CacheableAnswer> answer) {
        HttpMethod method = exchange.getRequest().getMethod();
        if (HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method)) {
            return answer.get().send(exchange);
        }
        return HttpMethod.OPTIONS.equals(method)
                ? JsonAnswer.options(METHODS).to(exchange)
                : JsonAnswer.methodNotAllowed(METHODS).to(exchange);
    }

    private CacheableAnswer answer(@Nullable String realm, CacheControl cache, AtomicReference<@Nullable Made> last) {
        Map<String, RealmKeys> now = keys.byRealm();
        Made made = last.get();
        if (made == null || !made.of().equals(now)) {
            Collection<RealmKeys> published = realm == null ? new TreeMap<>(now).values() : List.of(now.get(realm));
            byte[] json = PublicKeys.jwkSet(published).getBytes(StandardCharsets.UTF_8);
            made = new Made(now, CacheableAnswer.of(JWK_SET, json, cache));
            last.set(made);
        }
        return made.answer();
    }
}
