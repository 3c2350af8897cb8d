package io.portcullis.edge;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;
import reactor.netty.http.server.HttpServerRequest;

/** A request as Spring makes it of a target that reactor-netty read, without a connection. */
final class WireRequest extends AbstractServerHttpRequest {
    private final String target;

    private WireRequest(String target, URI uri) {
        super(HttpMethod.POST, uri, "", new HttpHeaders());
        this.target = target;
    }

    /** Null for a target of which no URI can be made: it is answered before any filter. */
    static @Nullable WireRequest of(String rawTarget) {
        String target = RequestTargets.encode(rawTarget);
        try {
            URI uri = new URI("http://gateway.example:8080" + withoutAuthority(target));
            return uri.getRawPath() == null ? null : new WireRequest(target, uri);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** As {@code ReactorUriHelper} takes the scheme and the authority of an absolute target away. */
    private static String withoutAuthority(String target) {
        int colon = target.indexOf("://");
        if (colon < 0 || target.substring(0, colon).matches("(?s).*[/?#:].*")) {
            return target;
        }
        int at = colon + "://".length();
        while (at < target.length() && "/?#".indexOf(target.charAt(at)) < 0) {
            at++;
        }
        return target.substring(at);
    }

    /** As {@code RequestTargets} has left it. */
    String target() {
        return target;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getNativeRequest() {
        return (T) Proxy.newProxyInstance(
                WireRequest.class.getClassLoader(),
                new Class<?>[] {HttpServerRequest.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("uri")) {
                        return target;
                    }
                    throw new UnsupportedOperationException(method.toString());
                });
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return Flux.empty();
    }

    @Override
    protected MultiValueMap<String, HttpCookie> initCookies() {
        return new LinkedMultiValueMap<>();
    }

    @Override
    protected @Nullable SslInfo initSslInfo() {
        return null;
    }
}
