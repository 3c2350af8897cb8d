package io.portcullis.k8s;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.json.JsonMapper;

/** The objects that are applied together. */
record Manifest(List<KubernetesObject> objects) {
    /** Reads several YAML documents. */
    static Manifest parse(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return new Manifest(StreamSupport.stream(new Yaml(options).loadAll(yaml).spliterator(), false)
                .map(document -> new KubernetesObject(JsonMapper.shared().valueToTree(document)))
                .toList());
    }

    Stream<KubernetesObject> ofKind(String kind) {
        return objects.stream().filter(object -> object.kind().equals(kind));
    }

    Optional<KubernetesObject> find(String kind, String name) {
        return objects.stream().filter(object -> object.is(kind, name)).findFirst();
    }

    KubernetesObject get(String kind, String name) {
        return find(kind, name).orElseThrow(() -> new AssertionError("there is no " + kind + "/" + name));
    }

    /** The first whose name begins so, as generated ones have a hash behind it. */
    KubernetesObject getGenerated(String kind, String name) {
        return ofKind(kind)
                .filter(object -> object.name().startsWith(name + "-"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + kind + "/" + name + "-..."));
    }

    List<PodTemplate> podTemplates() {
        return objects.stream()
                .filter(object -> !object.at("/spec/template/spec/containers").isMissingNode())
                .map(object -> new PodTemplate(object, object.at("/spec/template")))
                .toList();
    }
}
