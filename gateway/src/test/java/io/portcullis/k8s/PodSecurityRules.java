package io.portcullis.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The Pod Security Standard 'restricted', every control of it (kubernetes.io/docs/concepts/security/pod-security-standards),
 * and stricter where this project is: a root file system that is read only, a user that is named, no token of the API.
 */
final class PodSecurityRules {
    private static final Set<String> VOLUMES = Set.of(
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret");
    private static final Set<String> SECCOMP = Set.of("RuntimeDefault", "Localhost");
    private static final List<String> HOST = List.of("hostNetwork", "hostPID", "hostIPC");
    private static final List<String> UNSET =
            List.of("/securityContext/seLinuxOptions", "/securityContext/windowsOptions", "/securityContext/sysctls");
    private static final List<String> UNSET_IN_CONTAINERS =
            List.of("/securityContext/seLinuxOptions", "/securityContext/windowsOptions", "/securityContext/procMount");

    private final String where;
    private final JsonNode pod;
    private final List<String> problems = new ArrayList<>();

    private PodSecurityRules(PodTemplate template) {
        this.where = template.toString();
        this.pod = template.spec();
    }

    static List<String> problems(Manifest manifest) {
        return manifest.podTemplates().stream()
                .flatMap(template -> new PodSecurityRules(template).look(template).stream())
                .toList();
    }

    private List<String> look(PodTemplate template) {
        HOST.forEach(name -> expect(!pod.path(name).asBoolean(false), name));
        pod.path("volumes")
                .forEach(volume -> volume.propertyNames().stream()
                        .filter(name -> !name.equals("name"))
                        .forEach(kind -> expect(VOLUMES.contains(kind), "a volume of the kind " + kind)));
        UNSET.forEach(pointer -> expect(pod.at(pointer).isMissingNode(), pointer));
        expect(isUser(pod.at("/securityContext/runAsUser")), "no user but root, or none that is named");
        expect(pod.at("/securityContext/runAsNonRoot").asBoolean(false), "runAsNonRoot is not true");
        expect(
                SECCOMP.contains(pod.at("/securityContext/seccompProfile/type").asString("")),
                "no seccomp profile, or none that confines");
        template.containers().forEach(this::look);
        return problems;
    }

    private void look(JsonNode container) {
        String name = container.path("name").asString("");
        JsonNode context = container.path("securityContext");
        expect(!context.path("privileged").asBoolean(false), name + " is privileged");
        expect(!context.path("allowPrivilegeEscalation").asBoolean(true), name + " may gain privileges");
        expect(context.path("readOnlyRootFilesystem").asBoolean(false), name + " may write to its image");
        expect(
                KubernetesObject.texts(context.at("/capabilities/drop")).contains("ALL"),
                name + " does not drop all capabilities");
        expect(
                KubernetesObject.texts(context.at("/capabilities/add")).stream().allMatch("NET_BIND_SERVICE"::equals),
                name + " adds capabilities");
        expect(context.path("runAsNonRoot").asBoolean(true), name + " may be root");
        expect(context.path("runAsUser").isMissingNode() || isUser(context.path("runAsUser")), name + " is root");
        expect(
                context.path("seccompProfile").isMissingNode()
                        || SECCOMP.contains(context.at("/seccompProfile/type").asString("")),
                name + " has a seccomp profile that does not confine");
        container.path("ports").forEach(port -> expect(port.path("hostPort").asInt(0) == 0, name + " has a hostPort"));
        UNSET_IN_CONTAINERS.forEach(pointer -> expect(container.at(pointer).isMissingNode(), name + pointer));
        for (String handler : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            expect(container.at("/" + handler + "/httpGet/host").isMissingNode(), name + " probes another host");
        }
    }

    private static boolean isUser(JsonNode id) {
        return id.asLong(0) > 0;
    }

    private void expect(boolean fits, String problem) {
        if (!fits) {
            problems.add(where + ": restricted: " + problem);
        }
    }
}
