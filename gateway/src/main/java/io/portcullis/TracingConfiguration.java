package io.portcullis;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.portcullis.configuration.PortcullisProperties;
import io.portcullis.configuration.TracingProperties;
import io.portcullis.edge.BackendSpan;
import io.portcullis.edge.TraceFilter;
import io.portcullis.edge.TraceHeaders;
import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The wiring of traces. Without a collector to send them to, none of it is there. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("portcullis.tracing.endpoint")
class TracingConfiguration {

    /** OpenTelemetry's own configuration: its {@code OTEL_*} variables win over what is said here. */
    @Bean(destroyMethod = "close")
    OpenTelemetrySdk openTelemetry(PortcullisProperties properties) {
        TracingProperties tracing = properties.tracing();
        return AutoConfiguredOpenTelemetrySdk.builder()
                .disableShutdownHook()
                .addPropertiesSupplier(() -> Map.of(
                        "otel.service.name", "portcullis",
                        "otel.traces.exporter", "otlp",
                        "otel.metrics.exporter", "none",
                        "otel.logs.exporter", "none",
                        "otel.exporter.otlp.traces.protocol", "http/protobuf",
                        "otel.exporter.otlp.traces.endpoint", String.valueOf(tracing.endpoint()),
                        "otel.traces.sampler", "parentbased_traceidratio",
                        "otel.traces.sampler.arg", Double.toString(tracing.sampling())))
                .build()
                .getOpenTelemetrySdk();
    }

    @Bean
    TraceFilter traceFilter(OpenTelemetrySdk telemetry, ApplicationContext context) {
        return new TraceFilter(telemetry, context);
    }

    @Bean
    BackendSpan backendSpan(OpenTelemetrySdk telemetry) {
        return new BackendSpan(telemetry);
    }

    @Bean
    TraceHeaders traceHeaders() {
        return new TraceHeaders();
    }
}
