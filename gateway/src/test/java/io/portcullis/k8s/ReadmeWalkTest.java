package io.portcullis.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Who does all that {@code k8s/README.md} says, from top to bottom, signs nobody out and cuts nobody off on the way. */
class ReadmeWalkTest {
    private static final Set<String> WAYS_IN = Set.of("Ingress", "HTTPRoute");

    private static List<String> ways() {
        return List.of(
                "ingress+redis-url",
                "gateway-api+redis-sentinel+redis-password",
                "ingress+redis-cluster+redis-password");
    }

    private static ReadmeWalk walk(String way) {
        return ReadmeWalk.by(way);
    }

    private static String kind(String way) {
        return way.startsWith("ingress") ? "ingress" : "httproute";
    }

    private static Stream<KubernetesObject> waysIn(String manifest) {
        return Manifest.parse(manifest).objects().stream().filter(object -> WAYS_IN.contains(object.kind()));
    }

    private static Map<String, String> variables(String manifest) {
        return new GatewayDeployment(Manifest.parse(manifest)).variables();
    }

    private static boolean adopts(String manifest) {
        return manifest.contains("path: adoption/application.yml");
    }

    private static boolean leaves(String manifest) {
        return variables(manifest).containsKey("PORTCULLIS_LEAVING");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whateverIsAppliedIsSound(String way) {
        List<String> applied = walk(way).applied();

        assertThat(applied)
                .hasSizeGreaterThan(6)
                .allSatisfy(manifest -> assertThat(
                                ManifestRules.problems(Manifest.parse(manifest), Overlays.documentedSecrets()))
                        .isEmpty());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theFirstStartKeepsOldSessionsRevokesNoneAndHasNoTraffic(String way) {
        String first = walk(way).applied().get(0);

        assertThat(adopts(first)).isTrue();
        assertThat(variables(first)).containsEntry("PORTCULLIS_REALMS_APP_REUSE_ACTION", "report");
        assertThat(waysIn(first)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theWayInIsAllThatItsApplyChanges(String way) {
        List<String> applied = walk(way).applied();
        int with = 0;
        while (waysIn(applied.get(with)).findAny().isEmpty()) {
            with++;
        }

        List<KubernetesObject> rest = Manifest.parse(applied.get(with)).objects().stream()
                .filter(object -> !WAYS_IN.contains(object.kind()))
                .toList();
        assertThat(waysIn(applied.get(with))).hasSize(1);
        assertThat(rest).isEqualTo(Manifest.parse(applied.get(with - 1)).objects());
    }

    @ParameterizedTest
    @MethodSource("ways")
    void nothingIsClosedOrTakenAwayBeforeWhatTakesItsPlaceIsThere(String way) {
        ReadmeWalk walk = walk(way);
        int wayIn = walk.steps()
                .indexOf(walk.steps().stream()
                        .filter(step -> step.command().startsWith("apply -k")
                                && waysIn(step.manifest()).findAny().isPresent())
                        .findFirst()
                        .orElseThrow());

        assertThat(List.of(
                        walk.indexOf("label namespace ingress-nginx portcullis.io/role=entry"),
                        walk.indexOf("-n backends get pods -l portcullis.io/role=backend"),
                        walk.indexOf("apply -k k8s/overlays/prod"),
                        walk.indexOf("-n portcullis port-forward"),
                        wayIn,
                        walk.indexOf("-n backends delete " + kind(way) + " api"),
                        walk.indexOf("apply -n backends -k k8s/backends"),
                        walk.indexOf("delete -n backends -k k8s/backends"),
                        walk.indexOf("apply -f " + kind(way) + "-before.yaml"),
                        walk.indexOf("-n portcullis delete " + kind(way) + " portcullis"),
                        walk.indexOf("delete -k k8s/overlays/prod"),
                        walk.indexOf("delete namespace portcullis")))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void replicasThatDoNotLeaveYetAdoptWhatThoseThatLeaveLetPass(String way) {
        List<String> applied = walk(way).applied();
        int leaving = 0;
        while (!leaves(applied.get(leaving))) {
            leaving++;
        }

        assertThat(adopts(applied.get(leaving - 1))).isTrue();
        assertThat(adopts(applied.get(leaving))).isFalse();
        assertThat(waysIn(applied.get(leaving))).hasSize(1);
        assertThat(applied.stream().filter(manifest -> !adopts(manifest) && !leaves(manifest)))
                .as("in between it was of no use")
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void everySwitchThatWasTurnedOnIsTurnedOffAgain(String way) {
        ReadmeWalk walk = walk(way);
        String last =
                walk.steps().get(walk.indexOf("delete -k k8s/overlays/prod")).manifest();

        assertThat(waysIn(last)).isEmpty();
        assertThat(adopts(last)).isFalse();
        assertThat(variables(last)).doesNotContainKey("PORTCULLIS_REALMS_APP_REUSE_ACTION");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theWayFromBeforeCanBeMadeAgain(String way) {
        ReadmeWalk walk = walk(way);
        String before = walk.steps()
                .get(walk.indexOf("apply -f " + kind(way) + "-before.yaml"))
                .manifest();

        KubernetesObject object = Manifest.parse(before).objects().get(0);
        assertThat(object.at("/metadata").propertyNames()).isSubsetOf("name", "namespace", "annotations");
        assertThat(object.at("/status").isMissingNode()).isTrue();
        assertThat(object.at("/spec/rules")).hasSize(1);
        if (kind(way).equals("ingress")) {
            assertThat(object.text("/metadata/annotations/nginx.ingress.kubernetes.io~1canary"))
                    .isEqualTo("false");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ingress+redis-url, get ingress api",
        "ingress+redis-url, get secret api-tls",
        "ingress+redis-url, apply -k k8s/overlays/prod",
        "ingress+redis-url, jsonpath={.status.loadBalancer.ingress}",
        "gateway-api+redis-url, get httproute api",
        "gateway-api+redis-url, apply -k k8s/overlays/prod",
        "gateway-api+redis-url, wait httproute portcullis"
    })
    void theOldWayInIsNotDeletedUnlessItIsSavedAndTheNewOneIsThere(String way, String refused) {
        List<String> commands = ReadmeWalk.blindlyBy(way, refused).steps().stream()
                .map(ReadmeWalk.Step::command)
                .toList();

        assertThat(commands)
                .contains("-n backends get " + kind(way) + " api -o yaml", "apply -n backends -k k8s/backends")
                .anyMatch(command -> (" " + command + " ").contains(" " + refused + " "))
                .doesNotContain("-n backends delete " + kind(way) + " api");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void noSecretIsAnArgumentOfAProgram(String way) {
        ReadmeWalk walk = walk(way);

        assertThat(walk.arguments()).contains("docker push ", "curl -s http://localhost:8080/api/auth/login");
        assertThat(walk.steps().stream().map(ReadmeWalk.Step::command).collect(Collectors.joining()) + walk.arguments())
                .doesNotContain(ReadmeWalk.SECRETS.values());
    }

    @Test
    void anOperatorsPasswordIsChangedByTheLinesThatMadeIt() {
        List<String> secrets = walk("ingress+redis-url").later("Operators", 2).steps().stream()
                .filter(step -> step.manifest().contains("kind: Secret"))
                .map(step -> Manifest.parse(step.manifest()).objects().get(0).name())
                .toList();

        assertThat(secrets).containsExactly("portcullis-operators", "portcullis-operators");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void redisIsWhereTheReaderHasIt(String way) {
        String first = walk(way).applied().get(0);

        assertThat(variables(first).keySet().stream().filter(name -> name.startsWith("SPRING_DATA_REDIS_")))
                .containsExactlyInAnyOrderElementsOf(
                        way.contains("sentinel")
                                ? List.of("SPRING_DATA_REDIS_SENTINEL_MASTER", "SPRING_DATA_REDIS_SENTINEL_NODES")
                                : way.contains("cluster") ? List.of("SPRING_DATA_REDIS_CLUSTER_NODES") : List.of());
        assertThat(new GatewayDeployment(Manifest.parse(first))
                        .secretVariables()
                        .values())
                .contains(way.contains("url") ? "url" : "password");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void everySecretIsMadeWithTheKeysOfTheTable(String way) {
        Set<String> documented = Overlays.documentedSecrets();
        List<KubernetesObject> secrets = walk(way).steps().stream()
                .filter(step -> step.manifest().contains("kind: Secret"))
                .flatMap(step -> Manifest.parse(step.manifest()).objects().stream())
                .toList();

        assertThat(secrets)
                .hasSizeGreaterThan(4)
                .allSatisfy(secret -> assertThat(documented)
                        .containsAll(secret.at("/data").propertyNames().stream()
                                .map(key -> secret.name() + "/" + key)
                                .toList()));
        assertThat(secrets)
                .extracting(KubernetesObject::name)
                .contains("portcullis-redis", "portcullis-operators", "portcullis-registry")
                .satisfies(names -> assertThat(names.contains("portcullis-tls")).isEqualTo(way.contains("ingress")));
    }
}
