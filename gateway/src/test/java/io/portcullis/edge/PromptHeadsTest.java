package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What reactor-netty is given to write: one buffer is one message with its head. AnswerHeadsIT has what a client sees of it. */
class PromptHeadsTest {
    private final MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/"));
    private final List<Publisher<? extends DataBuffer>> written = new ArrayList<>();

    private String write(long length, String... pieces) {
        exchange.getResponse().getHeaders().setContentLength(length);
        ServerHttpResponseDecorator watched = new ServerHttpResponseDecorator(exchange.getResponse()) {
            @Override
            public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
                written.add(body);
                return super.writeWith(body);
            }
        };
        Flux<DataBuffer> body = Flux.fromStream(Stream.of(pieces)
                .map(piece -> DefaultDataBufferFactory.sharedInstance.wrap(piece.getBytes(StandardCharsets.UTF_8))));
        new PromptHeads()
                .filter(
                        exchange.mutate().response(watched).build(),
                        asked -> asked.getResponse().writeWith(body))
                .block(Duration.ofSeconds(20));
        return exchange.getResponse().getBodyAsString().block(Duration.ofSeconds(20));
    }

    @Test
    void bodyThatIsWholeIsWrittenAtOnce() {
        assertThat(write(5, "whole")).isEqualTo("whole");

        assertThat(written).singleElement().isInstanceOf(Mono.class);
    }

    @Test
    void nothingAfterItDoesNoHarm() {
        assertThat(write(5, "whole", "")).isEqualTo("whole");

        assertThat(written).singleElement().isInstanceOf(Mono.class);
    }

    @Test
    void bodyOfPiecesIsWrittenAsItComes() {
        assertThat(write(8, "one,", "two,")).isEqualTo("one,two,");

        assertThat(written).singleElement().isInstanceOf(Flux.class);
    }

    @Test
    void bodyThatIsTooLargeForOnePieceIsWrittenAsItComes() {
        String large = "x".repeat(BodyWindow.PIECE_BYTES + 1);

        assertThat(write(large.length(), large)).isEqualTo(large);

        assertThat(written).singleElement().isInstanceOf(Flux.class);
    }
}
