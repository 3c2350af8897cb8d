package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;

class ClientHeadersFilterTest {
    private static final ClientAddress EVERYBODY_IS_TRUSTED = new ClientAddress(address -> true, false);

    private static HttpHeaders filtered(MockServerHttpRequest request, boolean xForwarded, boolean forwarded) {
        return new ClientHeadersFilter(EVERYBODY_IS_TRUSTED, xForwarded, forwarded)
                .filter(request.getHeaders(), MockServerWebExchange.from(request));
    }

    @Test
    void whereNothingIsToBeSaidNothingIsSaidAndNothingPasses() {
        MockServerHttpRequest request = MockServerHttpRequest.get("https://a.example/")
                .remoteAddress(new InetSocketAddress("10.0.0.1", 4711))
                .header("X-Forwarded-For", "2.2.2.2")
                .header("X-Forwarded-Prefix", "/v1")
                .header("Forwarded", "for=2.2.2.2")
                .header("X-Kept", "kept")
                .build();

        assertThat(filtered(request, false, false).headerNames()).containsExactlyInAnyOrder("X-Kept");
    }

    @Test
    void addressThatATrustedProxyLetsPassMustBeTheClients() {
        // a proxy that writes X-Forwarded-For and X-Real-IP, and leaves its client's others as they are
        MockServerHttpRequest request = MockServerHttpRequest.get("https://a.example/")
                .remoteAddress(new InetSocketAddress("10.0.0.1", 4711))
                .header("X-Forwarded-For", "2001:db8::5")
                .header("X-Real-IP", "2001:DB8:0::5")
                .header("CF-Connecting-IP", "2001:db8::5", "2001:db8::6")
                .header("True-Client-IP", "6.6.6.6")
                .header("X_Client_IP", "unknown")
                .header("X-Original-Forwarded-For", "6.6.6.6")
                .header("X-Original-Host", "a.example")
                .build();

        assertThat(filtered(request, false, false).headerNames())
                .containsExactlyInAnyOrder("X-Real-IP", "X-Original-Host");
    }

    @Test
    void clientOfAConnectionWithoutAnAddressIsUnknown() {
        MockServerHttpRequest request = MockServerHttpRequest.get("https://a.example/")
                .header("Host", "[2001:db8::1]:8443")
                .build();

        HttpHeaders headers = filtered(request, true, true);

        assertThat(headers.getFirst("X-Forwarded-For")).isNull();
        assertThat(headers.getFirst("X-Forwarded-Host")).isEqualTo("[2001:db8::1]:8443");
        assertThat(headers.getFirst("X-Forwarded-Port")).isEqualTo("8443");
        assertThat(headers.getFirst("Forwarded")).isEqualTo("for=unknown;host=\"[2001:db8::1]:8443\";proto=https");
    }

    @Test
    void portIsTheSchemesOwnWhereTheHostNamesNone() {
        MockServerHttpRequest request = MockServerHttpRequest.get("https://a.example/")
                .header("Host", "a.example")
                .build();

        assertThat(filtered(request, true, false).getFirst("X-Forwarded-Port")).isEqualTo("443");
    }

    @Test
    void hostThatIsNoneIsNotRepeated() {
        MockServerHttpRequest request = MockServerHttpRequest.get("http://a.example/")
                .header("Host", "a.example, evil.example")
                .build();

        HttpHeaders headers = filtered(request, true, true);

        assertThat(headers.getFirst("X-Forwarded-Host")).isNull();
        assertThat(headers.getFirst("Forwarded")).isEqualTo("for=unknown;proto=http");
    }
}
