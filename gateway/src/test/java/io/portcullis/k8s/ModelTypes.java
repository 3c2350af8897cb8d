package io.portcullis.k8s;

import com.google.gson.annotations.SerializedName;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.custom.Quantity;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Compares an object with a model of the official client, whose own reader takes a text for a number, and for a boolean. */
final class ModelTypes {
    private static final Map<Type, Predicate<JsonNode>> SCALARS = Map.of(
            String.class, JsonNode::isString,
            Boolean.class, JsonNode::isBoolean,
            Integer.class, JsonNode::isIntegralNumber,
            Long.class, JsonNode::isIntegralNumber,
            Double.class, JsonNode::isNumber,
            IntOrString.class, node -> node.isIntegralNumber() || node.isString(),
            Quantity.class, node -> node.isNumber() || node.isString(),
            OffsetDateTime.class, JsonNode::isString,
            byte[].class, JsonNode::isString,
            Object.class, node -> true);

    private final List<String> problems = new ArrayList<>();

    private ModelTypes() {}

    static List<String> problems(KubernetesObject object, Class<?> model) {
        ModelTypes types = new ModelTypes();
        types.compare(object.json(), model, object.toString());
        return types.problems;
    }

    private void compare(JsonNode node, Type type, String path) {
        if (SCALARS.containsKey(type)) {
            expect(SCALARS.get(type).test(node), path, type, node);
        } else if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            if (expect(node.isArray(), path, type, node)) {
                node.forEach(element -> compare(element, generic.getActualTypeArguments()[0], path + "[]"));
            }
        } else if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
            if (expect(node.isObject(), path, type, node)) {
                node.properties()
                        .forEach(member -> compare(
                                member.getValue(), generic.getActualTypeArguments()[1], path + "." + member.getKey()));
            }
        } else if (expect(node.isObject(), path, type, node)) {
            required((Class<?>) type)
                    .filter(name -> node.path(name).isMissingNode())
                    .forEach(name -> problems.add(path + ": " + name + " is missing"));
            node.properties().forEach(member -> compareMember(member, (Class<?>) type, path + "." + member.getKey()));
        }
    }

    private static Stream<String> required(Class<?> model) {
        try {
            Set<?> names = (Set<?>) model.getField("openapiRequiredFields").get(null);
            return names.stream().map(Object::toString);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(model + " is no model of the official client", e);
        }
    }

    private void compareMember(Map.Entry<String, JsonNode> member, Class<?> model, String path) {
        Optional<Field> field = Arrays.stream(model.getDeclaredFields())
                .filter(candidate -> candidate.isAnnotationPresent(SerializedName.class))
                .filter(candidate ->
                        candidate.getAnnotation(SerializedName.class).value().equals(member.getKey()))
                .findFirst();
        if (field.isEmpty()) {
            problems.add(path + ": " + model.getSimpleName() + " has no such field");
        } else {
            compare(member.getValue(), field.get().getGenericType(), path);
        }
    }

    private boolean expect(boolean fits, String path, Type type, JsonNode node) {
        if (!fits) {
            problems.add(path + ": " + node + " is no " + type.getTypeName());
        }
        return fits;
    }
}
