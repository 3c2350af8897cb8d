package io.portcullis;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code config/openapi.yaml} as the judge of the refresh endpoint's answers: what it does not describe is not allowed. */
public final class OpenApiDescription {
    /** The endpoint that it describes. */
    public static final String REFRESH = "/api/auth/refresh";

    private static final String JSON = "application/json";
    private static final String LOCATION = "urn:openapi.yaml";
    private static final String TEXT = read();
    private static final JsonNode DOCUMENT = new YAMLMapper().readTree(TEXT);
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(
            Dialects.getOpenApi30(), registry -> registry.schemas(Map.of(LOCATION, TEXT)));

    private OpenApiDescription() {}

    /** The file. */
    public static String text() {
        return TEXT;
    }

    /** The described answers, by status. */
    static JsonNode answers() {
        return DOCUMENT.at(answersPointer());
    }

    /**
     * What is wrong with an answer of the refresh endpoint, whatever the request's method was: another than POST is
     * described as an answer to POST.
     */
    static List<String> problems(int status, HttpHeaders headers, String body) {
        JsonPointer answer = answersPointer().appendProperty(Integer.toString(status));
        if (DOCUMENT.at(answer).isMissingNode()) {
            return List.of("status " + status);
        }
        List<String> problems = new ArrayList<>();
        DOCUMENT.at(answer).path("headers").propertyNames().forEach(name -> {
            JsonPointer header = dereference(answer.appendProperty("headers").appendProperty(name));
            Optional<String> value = headers.firstValue(name);
            if (value.isPresent()) {
                problems.addAll(problems(name, header.appendProperty("schema"), headerValue(value.get())));
            } else if (DOCUMENT.at(header).path("required").asBoolean(false)) {
                problems.add(name + " is missing");
            }
        });
        if (!headers.firstValue("Content-Type").equals(Optional.of(JSON))) {
            problems.add("Content-Type is not " + JSON);
        }
        JsonPointer schema =
                answer.appendProperty("content").appendProperty(JSON).appendProperty("schema");
        problems.addAll(problems("body", schema, body));
        return problems;
    }

    private static List<String> problems(String what, JsonPointer pointer, String json) {
        Schema schema = SCHEMAS.getSchema(SchemaLocation.of(LOCATION + "#" + pointer));
        try {
            return schema.validate(json, InputFormat.JSON).stream()
                    .map(problem -> what + problem)
                    .toList();
        } catch (JacksonException e) {
            return List.of(what + " is not JSON");
        }
    }

    /** Throws if the answer is one of the refresh endpoint that is not described. */
    static void check(HttpResponse<?> response) {
        boolean hasABody =
                !List.of("OPTIONS", "HEAD").contains(response.request().method());
        if (hasABody && REFRESH.equals(response.uri().getRawPath()) && response.body() instanceof String body) {
            List<String> problems = problems(response.statusCode(), response.headers(), body);
            if (!problems.isEmpty()) {
                throw new AssertionError("config/openapi.yaml does not describe this answer: " + problems);
            }
        }
    }

    private static JsonPointer answersPointer() {
        return JsonPointer.empty()
                .appendProperty("paths")
                .appendProperty(REFRESH)
                .appendProperty("post")
                .appendProperty("responses");
    }

    private static JsonPointer dereference(JsonPointer pointer) {
        JsonNode reference = DOCUMENT.at(pointer).path("$ref");
        return reference.isMissingNode()
                ? pointer
                : JsonPointer.compile(reference.asString().substring("#".length()));
    }

    private static String headerValue(String value) {
        return value.matches("-?[0-9]+") ? value : StringNode.valueOf(value).toString();
    }

    private static String read() {
        try {
            return Files.readString(Path.of("config", "openapi.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
