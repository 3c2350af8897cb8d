package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Manifests that were broken on purpose, each in one place: the rules see it, and say that and nothing else. */
class BrokenManifestsTest {
    private static Stream<Arguments> broken() {
        return Stream.of(
                // no such thing in the API
                arguments("dev", "minReadySeconds: 5", "minReadySecond: 5", "minReadySecond: V1DeploymentSpec has no"),
                arguments(
                        "dev",
                        "backoffLimit: 10",
                        "backoffLimit: ten",
                        "backoffLimit: \"ten\" is no java.lang.Integer"),
                arguments("dev", "backoffLimit: 10", "backoffLimit: \"10\"", "backoffLimit: \"10\" is no"),
                arguments("dev", "runAsNonRoot: true", "runAsNonRoot: \"true\"", "runAsNonRoot: \"true\" is no"),
                arguments("dev", "sizeLimit: 128Mi", "sizeLimit: 128MB", "does not read it"),
                arguments("dev", "kind: PodDisruptionBudget", "kind: DisruptionBudget", "there is no DisruptionBudget"),
                arguments("dev", "apiVersion: autoscaling/v2", "apiVersion: autoscaling/v3", "in autoscaling/v3"),
                arguments(
                        "dev",
                        "  stabilizationWindowSeconds: 300",
                        "  stabilization: 300",
                        "stabilization: V2HPAScalingRules has no"),
                arguments(
                        "dev",
                        "  selector:\n    matchLabels:\n      app.kubernetes.io/name: redis\n  strategy",
                        "  strategy",
                        "selector is missing"),
                arguments(
                        "prod+ingress",
                        "nginx.ingress.kubernetes.io/proxy-body-size: \"0\"",
                        "x: 0",
                        "x: 0 is no java.lang.String"),
                arguments("prod+gateway-api", "backendRefs:", "backends:", "HTTPRoute/portcullis: Unrecognized field"),
                arguments(
                        "prod+gateway-api",
                        "port: 80\n    matches",
                        "port: http\n    matches",
                        "HTTPRoute/portcullis: C"),
                arguments(
                        "prod+monitoring",
                        "scrapeTimeout: 10s",
                        "scrapeTimeOut: 10s",
                        "ServiceMonitor/portcullis: Unrec"),
                arguments("prod+monitoring", "      for: 30s", "      during: 30s", "PrometheusRule/portcullis: U"),
                // words
                arguments("dev", "imagePullPolicy: IfNotPresent", "imagePullPolicy: Sometimes", "\"Sometimes\""),
                arguments("dev", "protocol: UDP", "protocol: udp", "\"udp\""),
                arguments("dev", "whenUnsatisfiable: ScheduleAnyway", "whenUnsatisfiable: Ignore", "\"Ignore\""),
                arguments("dev", "type: RuntimeDefault", "type: Unconfined", "none that confines"),
                arguments(
                        "dev",
                        "unhealthyPodEvictionPolicy: AlwaysAllow",
                        "unhealthyPodEvictionPolicy: Allow",
                        "\"Allow\""),
                arguments("dev", "type: Utilization", "type: Percentage", "\"Percentage\""),
                arguments("dev", "selectPolicy: Max", "selectPolicy: Most", "\"Most\""),
                arguments("prod+ingress", "pathType: Prefix", "pathType: PathPrefix", "\"PathPrefix\""),
                arguments("prod+gateway-api", "type: PathPrefix", "type: Prefix", "\"Prefix\""),
                arguments("dev", "name: API\n", "name: 9API\n", "env.name is no name: \"9API\""),
                arguments("dev", "restartPolicy: OnFailure", "restartPolicy: Always", "do not restart so: Always"),
                // pointers that point at nothing
                arguments("dev", "targetPort: redis", "targetPort: rediss", "has the name rediss"),
                arguments(
                        "dev",
                        "            port: redis\n",
                        "            port: db\n",
                        "readinessProbe: no port has the name"),
                arguments("dev", "  - port: redis", "  - port: cache", "NetworkPolicy/redis: no port"),
                arguments(
                        "dev",
                        "    kind: Deployment\n    name: portcullis",
                        "    kind: Deployment\n    name: gateway",
                        "leaves the number of replicas"),
                arguments("dev", "  minReplicas: 2", "  minReplicas: 11", "less at most than at least"),
                arguments("dev", "  maxUnavailable: 1\n", "  maxUnavailable: 1\n  minAvailable: 1\n", "has not one of"),
                arguments(
                        "dev",
                        "serviceAccountName: portcullis",
                        "serviceAccountName: gateway",
                        "no ServiceAccount gateway"),
                arguments(
                        "dev",
                        "          name: demo-secrets\n        name: app",
                        "          name: demo\n        name: app",
                        "no ConfigMap demo"),
                arguments("dev", "name: portcullis-operators", "name: operators", "nobody makes a Secret operators"),
                arguments(
                        "dev",
                        "value: /keys/refresh-token/keys.json",
                        "value: /keys/refresh-token/jwks.json",
                        "/jwks.json"),
                arguments("dev", "key: url", "key: uri", "portcullis-redis/uri"),
                arguments(
                        "dev",
                        "mountPath: /tmp\n          name: tmp",
                        "mountPath: /tmp\n          name: temp",
                        "no volume temp"),
                arguments("dev", "mountPath: /tmp\n", "mountPath: /tmp\n          subPath: x\n", "a subPath"),
                arguments(
                        "prod+adoption", "- key: application.yml", "- key: adoption.yml", "with the key adoption.yml"),
                arguments(
                        "prod+ingress",
                        "name: http\n        path",
                        "name: web\n        path",
                        "Ingress/portcullis: there"),
                arguments(
                        "prod+ingress",
                        "secretName: portcullis-tls",
                        "secretName: portcullis-cert",
                        "nobody makes a Secret with the key portcullis-cert/tls.crt"),
                arguments(
                        "prod+ingress",
                        "  tls:\n  - hosts:\n    - api.example.com",
                        "  tls:\n  - hosts:\n    - example.com",
                        "no certificate for api.example.com"),
                arguments(
                        "prod+gateway-api",
                        "port: 80\n    matches",
                        "port: 81\n    matches",
                        "HTTPRoute/portcullis: there"),
                arguments(
                        "prod+monitoring",
                        "    port: management\n    scrape",
                        "    port: metrics\n    scrape",
                        "Monitor/"),
                arguments(
                        "prod+private-registry",
                        "- name: portcullis-registry",
                        "- name: registry",
                        "nobody makes a Secret with the key registry/.dockerconfigjson"),
                // containers
                arguments("dev", "image: redis:7.0.15", "image: redis", "without a tag or digest: redis"),
                arguments("dev", "image: redis:7.0.15", "image: redis:latest", "without a tag or digest: redis:latest"),
                arguments("dev", "cpu: 500m", "cpu: \"3\"", "requests more cpu than its limit"),
                arguments(
                        "dev",
                        "            cpu: \"2\"\n            memory: 512Mi\n",
                        "            cpu: \"2\"\n",
                        "no limit of mem"),
                arguments("dev", "            seconds: 5", "            seconds: 60", "is killed before"),
                arguments("dev", "  name: portcullis-to-redis\n", "  name: redis\n", "is there twice: networking"),
                // Pod Security
                arguments(
                        "dev",
                        "readOnlyRootFilesystem: true",
                        "readOnlyRootFilesystem: false",
                        "may write to its image"),
                arguments(
                        "dev",
                        "allowPrivilegeEscalation: false",
                        "allowPrivilegeEscalation: true",
                        "may gain privileges"),
                arguments(
                        "dev",
                        "readOnlyRootFilesystem: true",
                        "readOnlyRootFilesystem: true\n          privileged: true",
                        "is priv"),
                arguments("dev", "            - ALL", "            - NET_RAW", "does not drop all capabilities"),
                arguments("dev", "runAsUser: 999", "runAsUser: 0", "no user but root"),
                arguments(
                        "dev",
                        "        runAsNonRoot: true\n        runAsUser: 999",
                        "        runAsUser: 999",
                        "runAsNonRoot"),
                arguments(
                        "dev",
                        "serviceAccountName: portcullis",
                        "serviceAccountName: portcullis\n      hostNetwork: true",
                        "hostNetwork"),
                arguments(
                        "dev",
                        "      - emptyDir: {}\n",
                        "      - hostPath:\n          path: /data\n",
                        "of the kind hostPath"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("broken")
    void isSeen(String overlay, String sound, String broken, String problem) {
        String yaml = Overlays.yaml(overlay);
        int place = yaml.indexOf(sound);
        assertThat(place).as("where %s has %s", overlay, sound).isNotNegative();

        Manifest manifest = Manifest.parse(yaml.substring(0, place) + broken + yaml.substring(place + sound.length()));
        List<String> problems = ManifestRules.problems(manifest, Overlays.documentedSecrets());

        assertThat(problems).singleElement().asString().contains(problem);
    }

    @Test
    void aSelectorThatSelectsNothingIsSeen() {
        String yaml = Overlays.yaml("dev")
                .replace("  selector:\n    app.kubernetes.io/name: redis", "  selector:\n    app: redis");

        assertThat(ManifestRules.problems(Manifest.parse(yaml), Overlays.documentedSecrets()))
                .containsExactly("Service/redis: selects no pods");
    }
}
