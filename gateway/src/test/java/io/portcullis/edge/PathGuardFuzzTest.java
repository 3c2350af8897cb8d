package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.fuzz.FuzzContract;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatusCode;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Request targets. An input is the target as it is on the wire. */
public final class PathGuardFuzzTest extends FuzzContract {
    private static final List<String> PROTECTED = List.of("/api/auth/refresh", "/Api/v1.2/Token");
    private static final GuardFilter GUARD = new GuardFilter(List.of(new PathGuard(Set.copyOf(PROTECTED))));
    private static final Pattern PLAIN = Pattern.compile("(/[a-z0-9_-]+)+");
    private static final ServerWebExchange MOCK = MockServerWebExchange.from(MockServerHttpRequest.get("/"));

    PathGuardFuzzTest() {
        super("path-guard", PathGuardFuzzTest::fuzzerTestOneInput);
    }

    /** By Jazzer's name. */
    public static void fuzzerTestOneInput(byte[] input) {
        WireRequest request = WireRequest.of(new String(input, ISO_8859_1));
        if (request == null) {
            return;
        }
        String answer = answerTo(request);
        String path = request.getURI().getRawPath();
        if (!answer.equals("passes")) {
            assertThat(PLAIN.matcher(path).matches() && path.equals(request.target()))
                    .as("%s is plain", path)
                    .isFalse();
            return;
        }
        assertThat(request.getURI().getRawFragment()).isNull();
        for (String one : PROTECTED) {
            if (!path.equals(one)) {
                assertThat(LenientServers.whoTakes(path, one))
                        .as("take %s for %s", path, one)
                        .isEmpty();
            }
        }
    }

    private static String answerTo(WireRequest request) {
        AtomicBoolean passed = new AtomicBoolean();
        WebFilterChain rest = exchange -> {
            passed.set(true);
            return Mono.empty();
        };
        ServerWebExchange exchange = MOCK.mutate()
                .request(request)
                .response(new MockServerHttpResponse())
                .build();
        GUARD.filter(exchange, rest).block();
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        return passed.get() ? "passes" : String.valueOf(status == null ? null : status.value());
    }

    @Override
    protected String answer(byte[] input) {
        WireRequest request = WireRequest.of(new String(input, ISO_8859_1));
        return request == null ? "no URI" : answerTo(request);
    }

    @Override
    protected List<String> answers() {
        return List.of("passes", "404", "400", "no URI");
    }
}
