package io.portcullis.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What selects pods selects some, what points at a Service finds it, and a port that is named exists. */
final class SelectorRules {
    private final Manifest manifest;
    private final List<PodTemplate> templates;
    private final List<String> problems = new ArrayList<>();

    private SelectorRules(Manifest manifest) {
        this.manifest = manifest;
        this.templates = manifest.podTemplates();
    }

    static List<String> problems(Manifest manifest) {
        SelectorRules rules = new SelectorRules(manifest);
        rules.templates.forEach(rules::ownPods);
        manifest.ofKind("Service").forEach(rules::service);
        manifest.ofKind("PodDisruptionBudget").forEach(rules::budget);
        manifest.ofKind("HorizontalPodAutoscaler").forEach(rules::autoscaler);
        manifest.ofKind("NetworkPolicy").forEach(rules::networkPolicy);
        manifest.ofKind("Ingress").forEach(rules::ingress);
        manifest.ofKind("HTTPRoute").forEach(rules::route);
        manifest.ofKind("ServiceMonitor").forEach(rules::monitor);
        return rules.problems;
    }

    private void ownPods(PodTemplate template) {
        KubernetesObject owner = template.owner();
        if (owner.kind().equals("Deployment")) {
            Map<String, String> selector = KubernetesObject.map(owner.at("/spec/selector/matchLabels"));
            expect(!selector.isEmpty() && template.isSelectedBy(selector), owner, "does not select its own pods");
            expect(selected(selector).size() == 1, owner, "selects the pods of another as well");
        }
        template.spec()
                .path("topologySpreadConstraints")
                .forEach(spread -> expect(
                        template.isSelectedBy(KubernetesObject.map(spread.at("/labelSelector/matchLabels"))),
                        owner,
                        "spreads other pods than its own"));
    }

    private List<PodTemplate> selected(Map<String, String> selector) {
        return templates.stream()
                .filter(template -> template.isSelectedBy(selector))
                .toList();
    }

    private void service(KubernetesObject service) {
        List<PodTemplate> pods = selected(KubernetesObject.map(service.at("/spec/selector")));
        expect(!pods.isEmpty(), service, "selects no pods");
        for (JsonNode port : service.at("/spec/ports")) {
            String target = port.path("targetPort").asString("");
            expect(
                    pods.stream().allMatch(template -> template.hasPort(target)),
                    service,
                    "no port of its pods has the name " + target);
        }
    }

    private void budget(KubernetesObject budget) {
        expect(
                !selected(KubernetesObject.map(budget.at("/spec/selector/matchLabels")))
                        .isEmpty(),
                budget,
                "selects no pods");
        expect(
                budget.at("/spec/minAvailable").isMissingNode()
                        != budget.at("/spec/maxUnavailable").isMissingNode(),
                budget,
                "has not one of minAvailable and maxUnavailable");
    }

    private void autoscaler(KubernetesObject autoscaler) {
        String name = autoscaler.text("/spec/scaleTargetRef/name");
        expect(
                manifest.find(autoscaler.text("/spec/scaleTargetRef/kind"), name)
                        .filter(target ->
                                target.apiVersion().equals(autoscaler.text("/spec/scaleTargetRef/apiVersion")))
                        .filter(target -> target.at("/spec/replicas").isMissingNode())
                        .isPresent(),
                autoscaler,
                "there is no such target that leaves the number of replicas to it: " + name);
        int min = autoscaler.at("/spec/minReplicas").asInt(1);
        int max = autoscaler.at("/spec/maxReplicas").asInt(0);
        expect(min > 1 && min <= max, autoscaler, "fewer than two replicas, or less at most than at least");
    }

    private void networkPolicy(KubernetesObject policy) {
        Map<String, String> selector = KubernetesObject.map(policy.at("/spec/podSelector/matchLabels"));
        List<PodTemplate> pods = selected(selector);
        // backends and Redis may be applied by somebody else, and have a label that is said to them
        expect(!pods.isEmpty() || selector.containsKey("portcullis.io/role"), policy, "selects no pods");
        for (JsonNode rule : policy.at("/spec/ingress")) {
            for (JsonNode port : rule.path("ports")) {
                String name = port.path("port").asString("");
                expect(
                        port.path("port").isNumber() || pods.stream().allMatch(template -> template.hasPort(name)),
                        policy,
                        "no port of its pods has the name " + name);
            }
        }
        Set<String> types = Set.copyOf(KubernetesObject.texts(policy.at("/spec/policyTypes")));
        expect(
                policy.at("/spec/egress").isMissingNode() || types.contains("Egress"),
                policy,
                "has rules of a type that it does not name");
        expect(
                policy.at("/spec/ingress").isMissingNode() || types.contains("Ingress"),
                policy,
                "has rules of a type that it does not name");
    }

    private void ingress(KubernetesObject ingress) {
        for (JsonNode rule : ingress.at("/spec/rules")) {
            for (JsonNode path : rule.at("/http/paths")) {
                JsonNode service = path.at("/backend/service");
                servicePort(ingress, service.path("name").asString(""), service.at("/port"));
            }
        }
    }

    private void route(KubernetesObject route) {
        for (JsonNode rule : route.at("/spec/rules")) {
            for (JsonNode backend : rule.path("backendRefs")) {
                servicePort(route, backend.path("name").asString(""), backend);
            }
        }
    }

    /** @param wanted with the {@code number}, {@code port} or {@code name} of one */
    private void servicePort(KubernetesObject object, String name, JsonNode wanted) {
        boolean isThere = manifest.find("Service", name).stream()
                .flatMap(service -> service.at("/spec/ports").valueStream())
                .anyMatch(port -> port.path("port").equals(wanted.path("number"))
                        || port.path("port").equals(wanted.path("port"))
                        || port.path("name").equals(wanted.path("name")));
        expect(isThere, object, "there is no such port of a Service " + name + ": " + wanted);
    }

    private void monitor(KubernetesObject monitor) {
        Map<String, String> selector = KubernetesObject.map(monitor.at("/spec/selector/matchLabels"));
        for (JsonNode endpoint : monitor.at("/spec/endpoints")) {
            long ports = manifest.ofKind("Service")
                    .filter(service -> service.labels().entrySet().containsAll(selector.entrySet()))
                    .flatMap(service -> service.at("/spec/ports").valueStream())
                    .filter(port -> port.path("name").equals(endpoint.path("port")))
                    .count();
            expect(ports == 1, monitor, "there is not one such port of a Service: " + endpoint.path("port"));
        }
    }

    private void expect(boolean fits, KubernetesObject object, String problem) {
        if (!fits) {
            problems.add(object + ": " + problem);
        }
    }
}
