package io.portcullis.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** One object of a manifest. */
record KubernetesObject(JsonNode json) {
    String apiVersion() {
        return text("/apiVersion");
    }

    String kind() {
        return text("/kind");
    }

    String name() {
        return text("/metadata/name");
    }

    /** The node at a JSON pointer, or a missing one. */
    JsonNode at(String pointer) {
        return json.at(pointer);
    }

    /** The text at a JSON pointer, or nothing. */
    String text(String pointer) {
        return at(pointer).asString("");
    }

    Map<String, String> labels() {
        return map(at("/metadata/labels"));
    }

    boolean is(String kind, String name) {
        return kind().equals(kind) && name().equals(name);
    }

    @Override
    public String toString() {
        return kind() + "/" + name();
    }

    static Map<String, String> map(JsonNode node) {
        Map<String, String> map = new TreeMap<>();
        node.properties()
                .forEach(member -> map.put(member.getKey(), member.getValue().asString()));
        return map;
    }

    static List<String> texts(JsonNode nodes) {
        List<String> texts = new ArrayList<>();
        nodes.forEach(node -> texts.add(node.asString()));
        return texts;
    }
}
