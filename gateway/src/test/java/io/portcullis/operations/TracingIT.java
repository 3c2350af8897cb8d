package io.portcullis.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import io.portcullis.RawBackend;
import io.portcullis.SecurityLine;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoKeys;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;

/** Traces from the client through Redis to the backend, with a collector on a real socket. */
class TracingIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String CLIENTS_SPAN = "00f067aa0ba902b7";

    private static DemoKeys keys;
    private static RawBackend backend;
    private static TraceCollector collector;
    private static TestGateway traced;
    private static TestGateway untraced;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        backend = RawBackend.start();
        collector = new TraceCollector();
        traced = TestGateway.start(
                keys,
                backend.uri(),
                "portcullis.tracing.endpoint=" + collector.endpoint(),
                "portcullis.tracing.sampling=0");
        untraced = TestGateway.start(keys, backend.uri());
    }

    @AfterAll
    static void stop() {
        traced.close();
        untraced.close();
        collector.close();
        backend.close();
        keys.close();
    }

    private static String traceparent(String traceId) {
        return "00-" + traceId + "-" + CLIENTS_SPAN + "-01";
    }

    private static List<Span> spans(String traceId, int number) {
        await().atMost(SOON).until(() -> collector.ofTrace(traceId).size() >= number);
        return collector.ofTrace(traceId);
    }

    private static Span only(List<Span> spans, SpanKind kind) {
        List<Span> found = spans.stream().filter(span -> span.getKind() == kind).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static Map<String, String> attributes(Span span) {
        return span.getAttributesList().stream()
                .collect(Collectors.toMap(
                        KeyValue::getKey,
                        attribute -> attribute.getValue().hasStringValue()
                                ? attribute.getValue().getStringValue()
                                : Long.toString(attribute.getValue().getIntValue())));
    }

    private static HttpResponse<String> login() {
        long now = Instant.now().getEpochSecond();
        String token = Tokens.sign(
                keys.accessTokenKey(), "{\"sub\":\"ada\",\"iat\":" + now + ",\"exp\":" + (now + 1800) + "}");
        String json = "{\"token\":\"" + token + "\",\"refreshToken\":\"theirs\"}";
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                + "\r\n\r\n" + json);
        HttpResponse<String> login = traced.post("/api/auth/login", "{}");
        backend.take();
        return login;
    }

    @Test
    void aForwardedRequestContinuesTheClientsTraceToTheBackend() {
        String traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

        traced.get(
                "/api/me?token=s3cret",
                "traceparent",
                traceparent(traceId),
                "tracestate",
                "vendor=1",
                "baggage",
                "a=b",
                "Authorization",
                "Bearer s3cret");

        List<Span> spans = spans(traceId, 2);
        Span server = only(spans, SpanKind.SPAN_KIND_SERVER);
        Span call = only(spans, SpanKind.SPAN_KIND_CLIENT);
        RawBackend.Request forwarded = backend.take();
        assertThat(TraceCollector.hex(server.getParentSpanId())).isEqualTo(CLIENTS_SPAN);
        assertThat(forwarded.header("traceparent"))
                .isEqualTo("00-" + traceId + "-" + TraceCollector.hex(call.getSpanId()) + "-01");
        assertThat(call.getParentSpanId()).isEqualTo(server.getSpanId());
        assertThat(call.getName()).isEqualTo("GET");
        assertThat(attributes(call))
                .containsOnlyKeys("http.request.method", "http.response.status_code", "server.address", "server.port")
                .containsEntry("server.address", "127.0.0.1")
                .containsEntry("http.response.status_code", "200");
        assertThat(forwarded.header("tracestate")).isEqualTo("vendor=1");
        assertThat(forwarded.header("baggage")).isEqualTo("a=b");
        assertThat(server.getName()).isEqualTo("GET /**");
        assertThat(attributes(server))
                .containsEntry("http.response.status_code", "200")
                .containsEntry("portcullis.route", "everything-else");
        assertThat(spans.toString()).doesNotContain("s3cret", "/api/me");
    }

    @Test
    @SecurityLine(31)
    void aRefreshHasASpanForRedisAndNoTokenInAny() {
        String traceId = "4bf92f3577b34da6a3ce929d0e0e4737";
        String token = Tokens.refreshToken(login());

        HttpResponse<String> answer = traced.post(
                "/api/auth/refresh", "{\"refreshToken\":\"" + token + "\"}", "traceparent", traceparent(traceId));

        List<Span> spans = spans(traceId, 2);
        Span server = only(spans, SpanKind.SPAN_KIND_SERVER);
        Span redis = only(spans, SpanKind.SPAN_KIND_CLIENT);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(server.getName()).isEqualTo("POST /api/auth/refresh");
        assertThat(redis.getParentSpanId()).isEqualTo(server.getSpanId());
        assertThat(redis.getName()).isEqualTo("EVALSHA rotate_session");
        assertThat(attributes(redis)).containsEntry("db.system.name", "redis");
        assertThat(spans.toString()).doesNotContain("eyJ", "ada");
    }

    @Test
    void openingASessionIsPartOfTheTrace() {
        String traceId = "4bf92f3577b34da6a3ce929d0e0e4738";
        login();
        traced.post("/api/auth/login", "{}", "traceparent", traceparent(traceId));
        backend.take();

        assertThat(spans(traceId, 3))
                .filteredOn(span -> span.getKind() == SpanKind.SPAN_KIND_CLIENT)
                .extracting(Span::getName)
                .containsExactlyInAnyOrder("POST", "EVALSHA open_session");
    }

    @Test
    void aTraceThatIsNotSampledIsContinuedAndNotRecorded() {
        String traceId = "4bf92f3577b34da6a3ce929d0e0e4739";
        String sampled = "4bf92f3577b34da6a3ce929d0e0e473a";

        traced.get("/api/me", "traceparent", "00-" + traceId + "-" + CLIENTS_SPAN + "-00");
        traced.get("/api/me", "traceparent", "not one", "tracestate", "vendor=2");
        traced.get("/api/me", "traceparent", traceparent(sampled));

        spans(sampled, 1);
        assertThat(collector.ofTrace(traceId)).isEmpty();
        assertThat(backend.take().header("traceparent"))
                .startsWith("00-" + traceId)
                .endsWith("-00");
        RawBackend.Request withoutAny = backend.take();
        assertThat(withoutAny.header("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]");
        assertThat(withoutAny.headers("tracestate")).isEmpty();
        backend.take();
    }

    @Test
    void aBackendThatDoesNotAnswerIsAnErrorOfItsSpan() {
        String traceId = "4bf92f3577b34da6a3ce929d0e0e473b";
        backend.answerWith("this is no HTTP\r\n\r\n");

        assertThat(traced.post("/api/me?token=s3cret", "{}", "traceparent", traceparent(traceId))
                        .statusCode())
                .isEqualTo(502);

        backend.take();
        backend.answerWith("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        Span call = only(spans(traceId, 2), SpanKind.SPAN_KIND_CLIENT);
        assertThat(call.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
        assertThat(attributes(call)).containsKey("error.type").doesNotContainKey("http.response.status_code");
        assertThat(call.toString()).doesNotContain("s3cret");
    }

    @Test
    void tracesAddNoMeter() {
        traced.get("/api/me", "traceparent", traceparent("4bf92f3577b34da6a3ce929d0e0e473c"));
        untraced.get("/api/me");
        backend.take();
        backend.take();

        assertThat(meters(untraced)).isNotEmpty().containsAll(meters(traced));
    }

    private static Set<String> meters(TestGateway gateway) {
        return gateway.bean(MeterRegistry.class).getMeters().stream()
                .map(meter -> meter.getId().getName())
                // the JVM makes meters when it likes
                .filter(name -> name.matches("(http|spring|reactor|otel|portcullis)\\..*"))
                .collect(Collectors.toSet());
    }

    @Test
    void withoutACollectorTheHeadersPassAsTheyAreAndNothingTraces() {
        untraced.get("/api/me", "traceparent", "anything: at all", "tracestate", "vendor = 1,,", "baggage", "a=b;c");

        RawBackend.Request forwarded = backend.take();
        assertThat(forwarded.header("traceparent")).isEqualTo("anything: at all");
        assertThat(forwarded.header("tracestate")).isEqualTo("vendor = 1,,");
        assertThat(forwarded.header("baggage")).isEqualTo("a=b;c");
        assertThatThrownBy(() -> untraced.bean(OpenTelemetry.class)).isInstanceOf(NoSuchBeanDefinitionException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .as("the traced gateway's only")
                .filteredOn(thread -> thread.getName().startsWith("BatchSpanProcessor"))
                .hasSize(1);
    }
}
