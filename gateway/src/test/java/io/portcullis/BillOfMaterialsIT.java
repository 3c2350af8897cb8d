package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The CycloneDX bill of materials in the jar tells of all that is in it, with the licence of each. */
class BillOfMaterialsIT {
    /**
     * SPDX names of licences that let the gateway be used and passed on as it is; LGPL and GPL only beside one of them: of
     * several that a library's pom names, whoever uses it may choose (Maven's POM reference, "Licenses").
     */
    private static final Set<String> PERMISSIVE =
            Set.of("Apache-2.0", "MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EPL-2.0");

    /** They have no classes, and Spring Boot's plugin leaves them out. */
    private static final String STARTERS = "pkg:maven/org.springframework.boot/spring-boot-starter";

    private static JarFile jar;
    private static JsonNode bill;

    @BeforeAll
    static void open() throws IOException {
        assumeIsMade();
        jar = new JarFile(System.getProperty("portcullis.jar"));
        try (InputStream in = jar.getInputStream(jar.getJarEntry("META-INF/sbom/application.cdx.json"))) {
            bill = JsonMapper.shared().readTree(in);
        }
    }

    /** Skips the test in a build with {@code -o}, where Maven leaves out the plugin that makes it. */
    static void assumeIsMade() {
        assumeFalse(
                System.getProperty("portcullis.build").equals("offline: true"),
                "the jar of a build with -o has no bill of materials: CycloneDX's plugin runs online only");
    }

    @AfterAll
    static void close() throws IOException {
        if (jar != null) {
            jar.close();
        }
    }

    private static List<JsonNode> components() {
        return StreamSupport.stream(bill.path("components").spliterator(), false)
                .toList();
    }

    @Test
    void everyLibraryInTheJarIsListedByItsHashAndNothingElse() throws Exception {
        Map<String, String> listed = new TreeMap<>();
        for (JsonNode component : components()) {
            if (component.path("purl").asString().startsWith(STARTERS)) {
                continue;
            }
            StreamSupport.stream(component.path("hashes").spliterator(), false)
                    .filter(hash -> hash.path("alg").asString().equals("SHA-256"))
                    .forEach(hash -> listed.put(
                            hash.path("content").asString(),
                            component.path("purl").asString()));
        }
        Map<String, String> there = new TreeMap<>();
        for (JarEntry entry : jar.stream().toList()) {
            // put there by Spring Boot's plugin itself, for 'java -Djarmode=tools'
            if (entry.getName().matches("BOOT-INF/lib/(?!spring-boot-jarmode-tools-).*\\.jar")) {
                there.put(sha256(entry), entry.getName());
            }
        }

        assertThat(there).hasSizeGreaterThan(100);
        assertThat(notIn(listed, there)).as("in the jar only").isEmpty();
        assertThat(notIn(there, listed)).as("in the bill of materials only").isEmpty();
    }

    private static List<String> notIn(Map<String, String> other, Map<String, String> names) {
        return names.entrySet().stream()
                .filter(name -> !other.containsKey(name.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static String sha256(JarEntry entry) throws IOException, NoSuchAlgorithmException {
        try (InputStream in = jar.getInputStream(entry)) {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(in.readAllBytes()));
        }
    }

    @Test
    void everyLibraryHasALicenceThatLetsItBeUsed() {
        assertThat(components())
                .allSatisfy(component -> assertThat(licences(component))
                        .as(component.path("purl").asString())
                        .containsAnyElementsOf(PERMISSIVE));
    }

    /** Spring Boot's parent has both, and what is built below it inherits them. */
    @Test
    void whatIsSpringsIsNotSaidOfTheGateway() {
        JsonNode gateway = bill.path("metadata").path("component");

        assertThat(gateway.path("name").asString()).isEqualTo("portcullis-gateway");
        assertThat(gateway.toString()).doesNotContain("licenses", "spring.io", "spring-projects");
    }

    private static Set<String> licences(JsonNode component) {
        return StreamSupport.stream(component.path("licenses").spliterator(), false)
                .map(choice -> choice.path("license"))
                .map(licence -> licence.path("id").asString(licence.path("name").asString("")))
                .collect(Collectors.toSet());
    }
}
