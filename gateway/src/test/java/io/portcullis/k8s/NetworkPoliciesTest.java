package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may reach whom, on which ports: each policy of each overlay, all of it. What is broken in one place reads differently. */
class NetworkPoliciesTest {
    private static final String TO_DNS_AND_BACKENDS = """
              to {k8s-app=kube-dns} of {kubernetes.io/metadata.name=kube-system} on 53/UDP, 53/TCP
              to {portcullis.io/role=backend} of all namespaces on any port
            """;

    private static final String DEV = """
            portcullis is about {app.kubernetes.io/name=portcullis}, Ingress and Egress
              from anybody to http/TCP
            """ + TO_DNS_AND_BACKENDS + """
            portcullis-backends is about {portcullis.io/role=backend}, Ingress
              from {app.kubernetes.io/name=portcullis} of {kubernetes.io/metadata.name=portcullis-dev} to any port
            portcullis-to-redis is about {app.kubernetes.io/name=portcullis}, Egress
              to {portcullis.io/role=redis} on 6379/TCP
            redis is about {portcullis.io/role=redis}, Ingress and Egress
              from {app.kubernetes.io/name=portcullis} to redis/TCP
            """;

    private static final String GATEWAY_OF_PROD = """
            portcullis is about {app.kubernetes.io/name=portcullis}, Ingress and Egress
              from all pods of {portcullis.io/role=entry} to http/TCP
            """ + TO_DNS_AND_BACKENDS;

    private static final String PROMETHEUS = """
            portcullis-from-prometheus is about {app.kubernetes.io/name=portcullis}, Ingress
              from {app.kubernetes.io/name=prometheus} of {portcullis.io/role=monitoring} to management/TCP
            """;

    private static final String COLLECTOR = """
            portcullis-to-collector is about {app.kubernetes.io/name=portcullis}, Egress
              to {portcullis.io/role=collector} of all namespaces on 4318/TCP
            """;

    private static final String REDIS_OF_PROD = """
            portcullis-to-redis is about {app.kubernetes.io/name=portcullis}, Egress
              to {portcullis.io/role=redis} of all namespaces or 192.0.2.10/32 on 6379/TCP, 6380/TCP
            """;

    private static final String SENTINEL = """
            portcullis-to-sentinel is about {app.kubernetes.io/name=portcullis}, Egress
              to {portcullis.io/role=redis} of all namespaces on 26379/TCP
            """;

    private static final String BACKENDS = """
            portcullis-backends is about {portcullis.io/role=backend}, Ingress
              from {app.kubernetes.io/name=portcullis} of {kubernetes.io/metadata.name=portcullis} to any port
            """;

    private static Stream<String> overlays() {
        return Overlays.all();
    }

    private static String meant(String overlay) {
        return switch (overlay) {
            case "dev" -> DEV;
            case "prod+monitoring" -> GATEWAY_OF_PROD + PROMETHEUS + REDIS_OF_PROD;
            case "prod+tracing" -> GATEWAY_OF_PROD + COLLECTOR + REDIS_OF_PROD;
            case "prod+redis-sentinel" -> GATEWAY_OF_PROD + REDIS_OF_PROD + SENTINEL;
            default -> GATEWAY_OF_PROD + REDIS_OF_PROD;
        };
    }

    /** All of them, by name. */
    private static String text(String yaml) {
        return Manifest.parse(yaml)
                .ofKind("NetworkPolicy")
                .sorted(Comparator.comparing(KubernetesObject::name))
                .map(NetworkPolicyText::of)
                .collect(Collectors.joining());
    }

    private static String backends() {
        return Kubectl.kustomize(Path.of("k8s/backends"));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void nobodyReachesAnybodyElse(String overlay) {
        assertThat(text(Overlays.yaml(overlay))).isEqualTo(meant(overlay));
    }

    @Test
    void backendsAreReachedByTheGatewayAlone() {
        assertThat(text(backends())).isEqualTo(BACKENDS);
    }

    private static Stream<Arguments> broken() {
        String prometheus =
                "from:\n    - namespaceSelector:\n        matchLabels:\n          portcullis.io/role: monitoring\n"
                        + "      podSelector:\n        matchLabels:\n          app.kubernetes.io/name: prometheus\n    ports";
        String entry =
                "  - from:\n    - namespaceSelector:\n        matchLabels:\n          portcullis.io/role: entry\n    ports";
        String backend = "- namespaceSelector: {}\n      podSelector:\n        matchLabels:\n"
                + "          portcullis.io/role: backend";
        String redis = "- namespaceSelector: {}\n      podSelector:\n        matchLabels:\n"
                + "          portcullis.io/role: redis";
        String dns = "- namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: kube-system\n"
                + "      podSelector:\n        matchLabels:\n          k8s-app: kube-dns";
        return Stream.of(
                // the gateway's own
                arguments("prod", entry, "  - ports"),
                arguments("prod", "portcullis.io/role: entry", "portcullis.io/role: any"),
                arguments(
                        "prod",
                        "- namespaceSelector:\n        matchLabels:\n          portcullis.io/role: entry",
                        "- namespaceSelector: {}"),
                arguments("prod", "- port: http\n", "- port: management\n"),
                arguments("prod", "  - Ingress\n  - Egress\n", "  - Ingress\n"),
                arguments("prod", dns, "- podSelector: {}"),
                arguments("prod", dns, "- ipBlock:\n        cidr: 0.0.0.0/0"),
                arguments("prod", backend, "- namespaceSelector: {}"),
                arguments("prod", backend, "- namespaceSelector: {}\n      podSelector: {}"),
                arguments("prod", backend, "- ipBlock:\n        cidr: 10.0.0.0/8"),
                arguments(
                        "prod",
                        "- port: 53\n      protocol: TCP",
                        "- endPort: 65535\n      port: 53\n      protocol: TCP"),
                arguments("dev", "  - ports:\n    - port: http\n      protocol: TCP\n", "  - {}\n"),
                // Redis
                arguments("prod", "cidr: 192.0.2.10/32", "cidr: 0.0.0.0/0"),
                arguments("prod", "cidr: 192.0.2.10/32", "cidr: 192.0.2.10/32\n        except: []"),
                arguments("prod", redis, "- namespaceSelector: {}"),
                arguments(
                        "prod",
                        "  - ports:\n    - port: 6379\n      protocol: TCP\n    - port: 6380\n      protocol: TCP\n    to:",
                        "  - to:"),
                arguments(
                        "dev",
                        "  - from:\n    - podSelector:\n        matchLabels:\n          app.kubernetes.io/name: portcullis\n"
                                + "    ports:\n    - port: redis\n",
                        "  - ports:\n    - port: redis\n"),
                arguments("dev", "    ports:\n    - port: redis\n      protocol: TCP\n", ""),
                arguments("dev", "  - ports:\n    - port: 6379\n      protocol: TCP\n    to:", "  - to:"),
                arguments(
                        "prod+redis-sentinel",
                        "  - ports:\n    - port: 26379\n      protocol: TCP\n    to:",
                        "  - to:"),
                // the others
                arguments("prod+monitoring", prometheus, "ports"),
                arguments("prod+monitoring", "portcullis.io/role: monitoring", "kubernetes.io/metadata.name: default"),
                arguments("prod+monitoring", "- port: management\n      protocol: TCP", "- protocol: TCP"),
                arguments("prod+tracing", "portcullis.io/role: collector", "app: collector"),
                arguments("prod+tracing", "  - ports:\n    - port: 4318\n      protocol: TCP\n    to:", "  - to:"),
                arguments(
                        "dev",
                        "kubernetes.io/metadata.name: portcullis-dev\n      podSelector:\n        matchLabels:\n"
                                + "          app.kubernetes.io/name: portcullis",
                        "kubernetes.io/metadata.name: portcullis-dev"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("broken")
    void aBrokenOneReadsDifferently(String overlay, String sound, String broken) {
        assertThat(text(inOnePlace(Overlays.yaml(overlay), sound, broken))).isNotEqualTo(meant(overlay));
    }

    private static Stream<Arguments> brokenOfBackends() {
        String from = "  - from:\n    - namespaceSelector:\n        matchLabels:\n"
                + "          kubernetes.io/metadata.name: portcullis\n      podSelector:\n        matchLabels:\n"
                + "          app.kubernetes.io/name: portcullis\n";
        return Stream.of(
                arguments(from, "  - {}\n"),
                arguments("  ingress:\n" + from, ""),
                arguments(
                        "          app.kubernetes.io/name: portcullis\n", "          app.kubernetes.io/name: other\n"),
                arguments("kubernetes.io/metadata.name: portcullis\n", "kubernetes.io/metadata.name: default\n"),
                arguments("    matchLabels:\n      portcullis.io/role: backend", "    matchLabels: {}"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("brokenOfBackends")
    void aBrokenOneOfTheBackendsReadsDifferently(String sound, String broken) {
        assertThat(text(inOnePlace(backends(), sound, broken))).isNotEqualTo(BACKENDS);
    }

    private static String inOnePlace(String yaml, String sound, String broken) {
        int place = yaml.indexOf(sound);
        assertThat(place).as("where it has %s", sound).isNotNegative();
        return yaml.substring(0, place) + broken + yaml.substring(place + sound.length());
    }
}
