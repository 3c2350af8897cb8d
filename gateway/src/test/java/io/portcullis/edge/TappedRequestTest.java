package io.portcullis.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class TappedRequestTest {
    private static DataBuffer buffer(String text) {
        return DefaultDataBufferFactory.sharedInstance.wrap(text.getBytes(UTF_8));
    }

    private static TappedRequest tap(Flux<DataBuffer> body, int limit) {
        return new TappedRequest(MockServerHttpRequest.patch("/").body(body), limit);
    }

    private static List<String> texts(TappedRequest request) {
        return request.getBody()
                .map(buffer -> buffer.toString(UTF_8))
                .collectList()
                .block();
    }

    @Test
    void everyBufferPassesAtOnceAndUnread() {
        TestPublisher<DataBuffer> body = TestPublisher.create();
        TappedRequest request = tap(body.flux(), 10);

        StepVerifier.create(request.getBody().map(buffer -> buffer.toString(UTF_8)))
                .then(() -> body.next(buffer("abc")))
                .expectNext("abc")
                .then(() -> assertThat(request.passed()).asString(UTF_8).isEqualTo("abc"))
                .then(() -> body.next(buffer("defghij")))
                .expectNext("defghij")
                .then(body::complete)
                .verifyComplete();
        assertThat(request.passed()).asString(UTF_8).isEqualTo("abcdefghij");
    }

    @Test
    void bodyOverTheLimitPassesAndIsNotKept() {
        TappedRequest request =
                tap(Flux.fromStream(Stream.of("abc", "defghijk", "l")).map(TappedRequestTest::buffer), 10);

        assertThat(texts(request)).containsExactly("abc", "defghijk", "l");
        assertThat(request.passed()).isNull();
    }

    @Test
    void bodyThatIsSentAgainIsKeptOnce() {
        TappedRequest request = tap(Flux.defer(() -> Flux.just(buffer("abc"))), 10);

        texts(request);
        texts(request);

        assertThat(request.passed()).asString(UTF_8).isEqualTo("abc");
    }
}
