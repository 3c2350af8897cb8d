package io.portcullis.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** A network policy as lines: whose it is, and one for each rule. What has no words here is said as JSON. */
final class NetworkPolicyText {
    private NetworkPolicyText() {}

    static String of(KubernetesObject policy) {
        List<String> lines = new ArrayList<>();
        lines.add(policy.name() + " is about " + pods(policy.at("/spec/podSelector")) + ", "
                + String.join(" and ", KubernetesObject.texts(policy.at("/spec/policyTypes"))));
        policy.at("/spec/ingress")
                .forEach(rule -> lines.add("  from " + peers(rule.path("from")) + " to " + ports(rule)));
        policy.at("/spec/egress").forEach(rule -> lines.add("  to " + peers(rule.path("to")) + " on " + ports(rule)));
        return lines.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private static String peers(JsonNode peers) {
        return peers.isEmpty()
                ? "anybody"
                : peers.valueStream().map(NetworkPolicyText::peer).collect(Collectors.joining(" or "));
    }

    private static String peer(JsonNode peer) {
        if (peer.size() == 1 && peer.path("ipBlock").size() == 1) {
            return peer.at("/ipBlock/cidr").asString();
        }
        if (!peer.path("ipBlock").isMissingNode()) {
            return peer.toString();
        }
        JsonNode pods = peer.path("podSelector");
        JsonNode namespaces = peer.path("namespaceSelector");
        return (pods.isMissingNode() ? "all pods" : pods(pods))
                + (namespaces.isMissingNode() ? "" : " of " + labels(namespaces, "all namespaces"));
    }

    private static String pods(JsonNode selector) {
        return labels(selector, "all pods");
    }

    private static String labels(JsonNode selector, String all) {
        if (selector.isEmpty()) {
            return all;
        }
        JsonNode labels = selector.path("matchLabels");
        return selector.size() == 1 && !labels.isEmpty()
                ? KubernetesObject.map(labels).toString()
                : selector.toString();
    }

    private static String ports(JsonNode rule) {
        JsonNode ports = rule.path("ports");
        return ports.isEmpty()
                ? "any port"
                : ports.valueStream()
                        .map(port -> port.size() == 2 && port.has("port") && port.has("protocol")
                                ? port.path("port").asString() + "/"
                                        + port.path("protocol").asString()
                                : port.toString())
                        .collect(Collectors.joining(", "));
    }
}
