package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.client.HttpClient.RequestSender;

/** How reactor-netty's client is told where to. */
class BackendRoutingTest {
    private final List<Object> told = new ArrayList<>();
    private final RequestSender sender = (RequestSender) Proxy.newProxyInstance(
            RequestSender.class.getClassLoader(), new Class<?>[] {RequestSender.class}, (self, method, arguments) -> {
                told.add(arguments[0]);
                return self;
            });

    @ParameterizedTest
    @ValueSource(strings = {"http://backend:8080/a%2Fb?c=%20", "https://api.example", "http://[::1]:8080/a"})
    void aUrlIsPassedOnInItsParts(String url) {
        BackendRouting.to(URI.create(url), sender);

        assertThat(told).containsExactly(URI.create(url));
    }

    @ParameterizedTest
    @CsvSource({"http://backend/ä?ö, http://backend/%C3%A4?%C3%B6", "http://my_backend:8080/a, http://my_backend:8080/a"
    })
    void whatThosePartsDoNotSayGoesAsText(String url, String text) {
        BackendRouting.to(URI.create(url), sender);

        assertThat(told).containsExactly(text);
    }
}
