package io.portcullis.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What pods refer to is there: ConfigMaps, Secrets and their keys, volumes, the ServiceAccount; and an Ingress' certificates.
 * Secrets are none of the repository's: they are there if somebody is told to make them.
 */
final class ReferenceRules {
    private final Manifest manifest;
    private final Set<String> secrets;
    private final List<String> problems = new ArrayList<>();

    private ReferenceRules(Manifest manifest, Set<String> secrets) {
        this.manifest = manifest;
        this.secrets = secrets;
    }

    /** @param secrets that somebody makes, as {@code name/key} */
    static List<String> problems(Manifest manifest, Set<String> secrets) {
        ReferenceRules rules = new ReferenceRules(manifest, secrets);
        manifest.podTemplates().forEach(rules::look);
        manifest.ofKind("Ingress").forEach(rules::certificates);
        manifest.ofKind("ServiceAccount").forEach(rules::pullSecrets);
        return rules.problems;
    }

    private void look(PodTemplate template) {
        JsonNode pod = template.spec();
        String account = pod.path("serviceAccountName").asString("default");
        expect(
                account.equals("default")
                        || manifest.find("ServiceAccount", account).isPresent(),
                template,
                "no ServiceAccount " + account);
        expect(
                !pod.path("automountServiceAccountToken").asBoolean(true) || isBound(account),
                template,
                "a token of the API, and no role to use it for");
        pod.path("volumes").forEach(volume -> lookAtVolume(template, volume));
        template.containers().forEach(container -> lookAtContainer(template, container));
    }

    private void certificates(KubernetesObject ingress) {
        for (JsonNode tls : ingress.at("/spec/tls")) {
            String secret = tls.path("secretName").asString("");
            // both, or none that the problem would be about
            String key = secret + (secrets.contains(secret + "/tls.crt") ? "/tls.key" : "/tls.crt");
            expect(secrets.contains(key), ingress, "nobody makes a Secret with the key " + key);
        }
        Set<String> named = ingress.at("/spec/tls")
                .valueStream()
                .flatMap(tls -> KubernetesObject.texts(tls.path("hosts")).stream())
                .collect(Collectors.toSet());
        for (JsonNode rule : ingress.at("/spec/rules")) {
            String host = rule.path("host").asString("");
            expect(named.contains(host), ingress, "no certificate for " + host);
        }
    }

    private void pullSecrets(KubernetesObject account) {
        for (JsonNode secret : account.at("/imagePullSecrets")) {
            String key = secret.path("name").asString("") + "/.dockerconfigjson";
            expect(secrets.contains(key), account, "nobody makes a Secret with the key " + key);
        }
    }

    private boolean isBound(String account) {
        return manifest.ofKind("RoleBinding")
                .filter(binding ->
                        manifest.find("Role", binding.text("/roleRef/name")).isPresent())
                .flatMap(binding -> binding.at("/subjects").valueStream())
                .anyMatch(subject -> subject.path("name").asString("").equals(account));
    }

    private void lookAtVolume(PodTemplate template, JsonNode volume) {
        lookAtSource(template, volume.path("configMap"), volume.path("secret"), "secretName");
        volume.at("/projected/sources")
                .forEach(source -> lookAtSource(template, source.path("configMap"), source.path("secret"), "name"));
    }

    private void lookAtSource(PodTemplate template, JsonNode configMap, JsonNode secret, String secretName) {
        if (configMap.isObject()) {
            String name = configMap.path("name").asString("");
            expect(manifest.find("ConfigMap", name).isPresent(), template, "no ConfigMap " + name);
            configMap
                    .path("items")
                    .forEach(item ->
                            configMapKey(template, name, item.path("key").asString("")));
        }
        if (secret.isObject()) {
            // a file of it is read by the name of its key
            String name = secret.path(secretName).asString("");
            expect(
                    secrets.stream().anyMatch(made -> made.startsWith(name + "/")),
                    template,
                    "nobody makes a Secret " + name);
        }
    }

    private void lookAtContainer(PodTemplate template, JsonNode container) {
        Set<String> volumes = Set.copyOf(template.spec()
                .path("volumes")
                .valueStream()
                .map(volume -> volume.path("name").asString(""))
                .toList());
        for (JsonNode mount : container.path("volumeMounts")) {
            String name = mount.path("name").asString("");
            expect(volumes.contains(name), template, "no volume " + name);
            expect(mount.path("subPath").isMissingNode(), template, "a subPath, whose file never changes: " + name);
        }
        for (JsonNode source : container.path("envFrom")) {
            if (source.at("/configMapRef").isObject()) {
                String name = source.at("/configMapRef/name").asString("");
                expect(manifest.find("ConfigMap", name).isPresent(), template, "no ConfigMap " + name);
            }
            String secret = source.at("/secretRef/name").asString("");
            expect(
                    secret.isEmpty() || secrets.stream().anyMatch(made -> made.startsWith(secret + "/")),
                    template,
                    "nobody makes a Secret " + secret);
        }
        for (JsonNode variable : container.path("env")) {
            JsonNode configMap = variable.at("/valueFrom/configMapKeyRef");
            JsonNode secret = variable.at("/valueFrom/secretKeyRef");
            if (configMap.isObject()) {
                configMapKey(
                        template,
                        configMap.path("name").asString(""),
                        configMap.path("key").asString(""));
            }
            String key =
                    secret.path("name").asString("") + "/" + secret.path("key").asString("");
            expect(!secret.isObject() || secrets.contains(key), template, "nobody makes a Secret with the key " + key);
        }
        keyFiles(template, container);
    }

    /** A variable that names a file below a mounted Secret names a key of it. */
    private void keyFiles(PodTemplate template, JsonNode container) {
        for (JsonNode mount : container.path("volumeMounts")) {
            Optional<String> secret = template.spec()
                    .path("volumes")
                    .valueStream()
                    .filter(volume -> volume.path("name").equals(mount.path("name")))
                    .map(volume -> volume.at("/secret/secretName").asString(""))
                    .findFirst();
            String directory = mount.path("mountPath").asString("") + "/";
            for (JsonNode variable : container.path("env")) {
                String value = variable.path("value").asString("");
                if (!secret.orElse("").isEmpty() && value.startsWith(directory)) {
                    String key = secret.get() + "/" + value.substring(directory.length());
                    expect(secrets.contains(key), template, "nobody makes a Secret with the key " + key);
                }
            }
        }
    }

    private void configMapKey(PodTemplate template, String name, String key) {
        boolean isThere = manifest.find("ConfigMap", name)
                .filter(map -> map.at("/data").has(key))
                .isPresent();
        expect(isThere, template, "no ConfigMap " + name + " with the key " + key);
    }

    private void expect(boolean fits, Object where, String problem) {
        if (!fits) {
            problems.add(where + ": " + problem);
        }
    }
}
