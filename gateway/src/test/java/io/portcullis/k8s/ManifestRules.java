package io.portcullis.k8s;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** All that can be said against a manifest without a cluster. */
final class ManifestRules {
    private ManifestRules() {}

    /**
     * The problems, none if it is sound. Where it is none of the API's, nothing more is said.
     *
     * @param secrets that somebody makes beside it, as {@code name/key}
     */
    static List<String> problems(Manifest manifest, Set<String> secrets) {
        List<String> problems = ModelRules.problems(manifest);
        if (!problems.isEmpty()) {
            return problems;
        }
        return Stream.of(
                        WordRules.problems(manifest),
                        SelectorRules.problems(manifest),
                        ReferenceRules.problems(manifest, secrets),
                        ContainerRules.problems(manifest),
                        PodSecurityRules.problems(manifest))
                .flatMap(List::stream)
                .toList();
    }
}
