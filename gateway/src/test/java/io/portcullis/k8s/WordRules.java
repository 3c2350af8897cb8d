package io.portcullis.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Words of closed sets, which the models take for any text. A member is known by its parent's name, an element by its list's. */
final class WordRules {
    private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");
    private static final Map<String, Set<String>> WORDS = Map.ofEntries(
            Map.entry("containers.imagePullPolicy", Set.of("Always", "IfNotPresent", "Never")),
            Map.entry("initContainers.imagePullPolicy", Set.of("Always", "IfNotPresent", "Never")),
            Map.entry("spec.restartPolicy", Set.of("Always", "OnFailure", "Never")),
            Map.entry("spec.dnsPolicy", Set.of("ClusterFirst", "Default", "None", "ClusterFirstWithHostNet")),
            Map.entry("ports.protocol", PROTOCOLS),
            Map.entry("paths.pathType", Set.of("Exact", "Prefix", "ImplementationSpecific")),
            Map.entry("policyTypes.", Set.of("Ingress", "Egress")),
            Map.entry("topologySpreadConstraints.whenUnsatisfiable", Set.of("DoNotSchedule", "ScheduleAnyway")),
            Map.entry("spec.unhealthyPodEvictionPolicy", Set.of("IfHealthyBudget", "AlwaysAllow")),
            Map.entry("scaleUp.selectPolicy", Set.of("Max", "Min", "Disabled")),
            Map.entry("scaleDown.selectPolicy", Set.of("Max", "Min", "Disabled")),
            Map.entry("policies.type", Set.of("Pods", "Percent")),
            Map.entry("metrics.type", Set.of("Resource", "ContainerResource", "Pods", "Object", "External")),
            Map.entry("target.type", Set.of("Utilization", "Value", "AverageValue")),
            Map.entry("spec.type", Set.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")),
            Map.entry("strategy.type", Set.of("RollingUpdate", "Recreate")),
            Map.entry("seccompProfile.type", Set.of("RuntimeDefault", "Localhost", "Unconfined")),
            Map.entry("path.type", Set.of("Exact", "PathPrefix", "RegularExpression")),
            Map.entry("matchExpressions.operator", Set.of("In", "NotIn", "Exists", "DoesNotExist")),
            Map.entry("subjects.kind", Set.of("ServiceAccount", "User", "Group")),
            Map.entry("roleRef.kind", Set.of("Role", "ClusterRole")),
            Map.entry("emptyDir.medium", Set.of("", "Memory")));
    private static final Set<String> CLOSED = Set.of("type", "protocol", "operator", "selectPolicy", "imagePullPolicy");

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Pattern LABEL = Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");
    private static final Pattern PORT_NAME = Pattern.compile("(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final List<String> problems = new ArrayList<>();

    private WordRules() {}

    static List<String> problems(Manifest manifest) {
        WordRules rules = new WordRules();
        manifest.objects().forEach(rules::look);
        return rules.problems;
    }

    private void look(KubernetesObject object) {
        expect(NAME.matcher(object.name()).matches(), object + ": is no name");
        object.labels()
                .forEach((name, value) ->
                        expect(LABEL.matcher(value).matches(), object + ": label " + name + " is no value: " + value));
        if (!Set.of("ConfigMap", "Secret", "PrometheusRule").contains(object.kind())) {
            walk(object.toString(), "", object.json());
        }
    }

    private void walk(String where, String parent, JsonNode node) {
        if (node.isArray()) {
            node.forEach(element -> member(where, parent, "", element));
        }
        node.properties().forEach(member -> member(where, parent, member.getKey(), member.getValue()));
    }

    private void member(String where, String parent, String name, JsonNode node) {
        String known = parent + "." + name;
        if (node.isString() && WORDS.containsKey(known)) {
            expect(
                    WORDS.get(known).contains(node.asString()),
                    where + ": " + known + " is no word of its set: " + node);
        } else if (node.isString() && CLOSED.contains(name)) {
            expect(false, where + ": nothing is known of " + known + ": " + node);
        }
        if (node.isString() && Set.of("ports.name", "env.name").contains(known)) {
            Pattern pattern = parent.equals("env") ? VARIABLE : PORT_NAME;
            expect(pattern.matcher(node.asString()).matches(), where + ": " + known + " is no name: " + node);
        }
        walk(where, name.isEmpty() ? parent : name, node);
    }

    private void expect(boolean fits, String problem) {
        if (!fits) {
            problems.add(problem);
        }
    }
}
