package io.portcullis.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What an object makes pods of.
 *
 * @param owner the Deployment or Job
 */
record PodTemplate(KubernetesObject owner, JsonNode json) {
    Map<String, String> labels() {
        return KubernetesObject.map(json.at("/metadata/labels"));
    }

    JsonNode spec() {
        return json.path("spec");
    }

    /** All of its containers, those that only prepare among them. */
    List<JsonNode> containers() {
        List<JsonNode> containers = new ArrayList<>();
        spec().path("initContainers").forEach(containers::add);
        spec().path("containers").forEach(containers::add);
        return containers;
    }

    /** Whether a selector of labels, {@code matchLabels} or a Service's, selects its pods. */
    boolean isSelectedBy(Map<String, String> selector) {
        return labels().entrySet().containsAll(selector.entrySet());
    }

    /** Whether one of its containers has a port of that name. */
    boolean hasPort(String name) {
        return containers().stream()
                .flatMap(container -> container.path("ports").valueStream())
                .anyMatch(port -> port.path("name").asString("").equals(name));
    }

    @Override
    public String toString() {
        return owner.toString();
    }
}
