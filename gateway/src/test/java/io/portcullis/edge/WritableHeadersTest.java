package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;

/** They are Spring's headers in everything but what it costs to go through them. */
class WritableHeadersTest {
    private static final MockServerWebExchange EXCHANGE = MockServerWebExchange.from(
            MockServerHttpRequest.get("/").header("One", "1").header("Two", "2", "zwei"));

    private static void write(HttpHeaders headers) {
        headers.add("One", "1");
        headers.add("TWO", "2");
        headers.add("two", "zwei");
        headers.add("Three", "3");
        headers.set("oNE", "eins");
        headers.add("Four", "4");
        headers.remove("three");
    }

    private static List<String> linesOf(HttpHeaders headers) {
        List<String> lines = new ArrayList<>();
        headers.forEach((name, values) -> lines.add(name + ": " + values));
        return lines;
    }

    @Test
    void areGoneThroughAsSpringsAre() {
        HttpHeaders springs = new HttpHeaders();
        write(springs);
        WritableHeaders ours = new WritableHeaders();
        write(ours);

        assertThat(linesOf(ours)).hasSize(3).isEqualTo(linesOf(springs));
        assertThat(ours).isEqualTo(springs);
        assertThat(new HttpHeaders(ours)).isEqualTo(springs);
    }

    @Test
    void aCopyOfTheClientsSharesNothingWithThem() {
        HttpHeaders clients = EXCHANGE.getRequest().getHeaders();

        HttpHeaders copy = WritableHeaders.of(clients, EXCHANGE);
        copy.add("Two", "deux");

        assertThat(copy.get("two")).containsExactly("2", "zwei", "deux");
        assertThat(clients.get("two")).containsExactly("2", "zwei");
        assertThatThrownBy(() -> clients.add("Two", "deux")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void whatIsDroppedIsGoneFromACopyAndFromWhatMayBeWrittenTo() {
        HttpHeaders copy = WritableHeaders.without(
                (name, values) -> name.toLowerCase(Locale.ROOT).equals("one"),
                EXCHANGE.getRequest().getHeaders(),
                EXCHANGE);
        HttpHeaders same = WritableHeaders.without((name, values) -> values.size() == 2, copy, EXCHANGE);

        assertThat(same).isSameAs(copy);
        assertThat(linesOf(same)).isEmpty();
    }

    @Test
    void whatMayBeWrittenToIsNotCopied() {
        HttpHeaders headers = new HttpHeaders();

        assertThat(WritableHeaders.of(headers, EXCHANGE)).isSameAs(headers);
    }
}
