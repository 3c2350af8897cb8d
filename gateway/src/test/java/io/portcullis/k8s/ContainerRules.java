package io.portcullis.k8s;

import io.kubernetes.client.custom.Quantity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Containers: an image that says which, resources, ports and probes, and an end that is long enough. */
final class ContainerRules {
    private static final Pattern IMAGE =
            Pattern.compile("[a-z0-9./:-]+(:(?!latest)[\\w][\\w.-]{0,127}|@sha256:[0-9a-f]{64})");

    private final List<String> problems = new ArrayList<>();

    private ContainerRules() {}

    static List<String> problems(Manifest manifest) {
        ContainerRules rules = new ContainerRules();
        rules.unique("object", manifest.objects().stream().map(object -> object.apiVersion() + " " + object));
        manifest.podTemplates().forEach(rules::look);
        return rules.problems;
    }

    private void look(PodTemplate template) {
        JsonNode pod = template.spec();
        List<JsonNode> containers = template.containers();
        unique(template + ": container", containers.stream().map(ContainerRules::name));
        unique(template + ": volume", pod.path("volumes").valueStream().map(ContainerRules::name));
        boolean ends = template.owner().kind().equals("Job");
        String restart = pod.path("restartPolicy").asString("Always");
        expect(restart.equals("Always") != ends, template + ": pods of its kind do not restart so: " + restart);
        // else each Service becomes variables, PORTCULLIS_PORT among them, which stops the gateway's start
        expect(ends || !pod.path("enableServiceLinks").asBoolean(true), template + ": Services become variables");
        containers.forEach(container -> look(template + ": " + name(container), template, container));
    }

    private void look(String where, PodTemplate template, JsonNode container) {
        String image = container.path("image").asString("");
        expect(IMAGE.matcher(image).matches(), where + ": an image without a tag or digest: " + image);
        unique(where + ": variable", container.path("env").valueStream().map(ContainerRules::name));
        unique(where + ": port", container.path("ports").valueStream().map(ContainerRules::name));
        unique(
                where + ": mount",
                container
                        .path("volumeMounts")
                        .valueStream()
                        .map(mount -> mount.path("mountPath").asString("")));
        resources(where, container.path("resources"));
        for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            for (String handler : List.of("httpGet", "tcpSocket")) {
                JsonNode port = container.path(probe).path(handler).path("port");
                expect(
                        port.isMissingNode() || template.hasPort(port.asString()),
                        where + ": " + probe + ": no port has the name " + port);
            }
        }
        if (!template.owner().kind().equals("Job")) {
            expect(container.path("readinessProbe").isObject(), where + ": nothing says when it is ready");
        }
        JsonNode sleep = container.at("/lifecycle/preStop/sleep/seconds");
        int grace = template.spec().path("terminationGracePeriodSeconds").asInt(30);
        expect(
                sleep.isMissingNode() || sleep.asInt() < grace,
                where + ": is killed before it was told to end: " + sleep + " of " + grace + " s");
    }

    private void resources(String where, JsonNode resources) {
        for (String name : List.of("cpu", "memory")) {
            JsonNode request = resources.path("requests").path(name);
            JsonNode limit = resources.path("limits").path(name);
            expect(!request.isMissingNode(), where + ": requests no " + name);
            expect(!limit.isMissingNode() || name.equals("cpu"), where + ": has no limit of " + name);
            if (!request.isMissingNode() && !limit.isMissingNode()) {
                Quantity requested = Quantity.fromString(request.asString());
                Quantity limited = Quantity.fromString(limit.asString());
                expect(
                        requested.getNumber().compareTo(limited.getNumber()) <= 0,
                        where + ": requests more " + name + " than its limit: " + request);
            }
        }
    }

    private static String name(JsonNode node) {
        return node.path("name").asString("");
    }

    private void unique(String what, Stream<String> names) {
        Set<String> seen = new HashSet<>();
        names.filter(name -> !seen.add(name)).forEach(name -> problems.add(what + " is there twice: " + name));
    }

    private void expect(boolean fits, String problem) {
        if (!fits) {
            problems.add(problem);
        }
    }
}
