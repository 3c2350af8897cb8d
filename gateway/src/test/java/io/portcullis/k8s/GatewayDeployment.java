package io.portcullis.k8s;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The gateway's own Deployment in a manifest. */
record GatewayDeployment(Manifest manifest) {
    PodTemplate template() {
        KubernetesObject deployment = manifest.get("Deployment", "portcullis");
        return new PodTemplate(deployment, deployment.at("/spec/template"));
    }

    JsonNode container() {
        return template().containers().get(0);
    }

    /** The variables that do not come out of a Secret. */
    Map<String, String> variables() {
        Map<String, String> variables = new TreeMap<>();
        container()
                .path("envFrom")
                .valueStream()
                .map(source -> source.at("/configMapRef/name").asString(""))
                .filter(name -> !name.isEmpty())
                .forEach(name -> variables.putAll(
                        KubernetesObject.map(manifest.get("ConfigMap", name).at("/data"))));
        container()
                .path("env")
                .valueStream()
                .filter(variable -> variable.has("value"))
                .forEach(variable -> variables.put(
                        variable.path("name").asString(), variable.path("value").asString()));
        return variables;
    }

    /** The variables that come out of a Secret, with the Secret's key. */
    Map<String, String> secretVariables() {
        Map<String, String> variables = new TreeMap<>();
        container()
                .path("env")
                .valueStream()
                .filter(variable -> variable.at("/valueFrom/secretKeyRef").isObject())
                .forEach(variable -> variables.put(
                        variable.path("name").asString(),
                        variable.at("/valueFrom/secretKeyRef/key").asString()));
        return variables;
    }
}
