package io.portcullis.k8s;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.kubernetes.client.util.ModelMapper;
import io.kubernetes.client.util.Yaml;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Each object is one that the API knows, by the models of the official Java client; those of the custom resources are
 * fabric8's, made of their definitions. No unknown field, no value of another type, no quantity that is none.
 */
final class ModelRules {
    private static final Map<String, Class<?>> CUSTOM = Map.of(
            "gateway.networking.k8s.io/v1/HTTPRoute", HTTPRoute.class,
            "monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class,
            "monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class);
    private static final ObjectMapper STRICT = strict();

    private ModelRules() {}

    static List<String> problems(Manifest manifest) {
        return manifest.objects().stream().flatMap(ModelRules::problems).toList();
    }

    private static Stream<String> problems(KubernetesObject object) {
        Class<?> custom = CUSTOM.get(object.apiVersion() + "/" + object.kind());
        if (custom != null) {
            return custom(object, custom);
        }
        Class<?> model = ModelMapper.getApiTypeClass(object.apiVersion(), object.kind());
        if (model == null || model == DynamicKubernetesObject.class) {
            return Stream.of(object + ": there is no " + object.kind() + " in " + object.apiVersion());
        }
        List<String> problems = ModelTypes.problems(object, model);
        return problems.isEmpty() ? official(object) : problems.stream();
    }

    /** It takes JSON, which is YAML. */
    private static Stream<String> official(KubernetesObject object) {
        try {
            Yaml.load(object.json().toString());
            return Stream.of();
        } catch (IOException | RuntimeException e) {
            return Stream.of(object + ": the official client does not read it: "
                    + rootCause(e).getMessage());
        }
    }

    private static Stream<String> custom(KubernetesObject object, Class<?> model) {
        try {
            STRICT.readValue(object.json().toString(), model);
            return Stream.of();
        } catch (IOException e) {
            return Stream.of(object + ": " + e.getMessage());
        }
    }

    private static Throwable rootCause(Throwable e) {
        return e.getCause() == null ? e : rootCause(e.getCause());
    }

    private static ObjectMapper strict() {
        return JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .withCoercionConfigDefaults(
                        config -> config.setCoercion(CoercionInputShape.String, CoercionAction.Fail))
                .withCoercionConfig(LogicalType.Textual, config -> {
                    config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
                    config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                    config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                })
                // they keep what they do not know in a map
                .annotationIntrospector(new JacksonAnnotationIntrospector() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public Boolean hasAnySetter(Annotated member) {
                        return false;
                    }
                })
                .build();
    }
}
