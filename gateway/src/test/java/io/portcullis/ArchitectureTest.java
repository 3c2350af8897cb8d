package io.portcullis;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.portcullis.session.SessionStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Component;

/** The shape of the code (the design's section 8): one direction, one place that wires, words that mean something. */
class ArchitectureTest {
    private static final String ROOT = "io.portcullis";
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    private static final ArchCondition<JavaClass> BE_SEALED = new ArchCondition<>("be sealed") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
            boolean sealed = type.reflect().isSealed();
            events.add(new SimpleConditionEvent(type, sealed, type.getDescription() + " is sealed: " + sealed));
        }
    };

    @Test
    void sessionKnowsNeitherSpringNorRedisNorAClock() {
        ArchRule rule = classes()
                .that()
                .resideInAPackage("io.portcullis.session")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "io.portcullis.session",
                        "java.lang..",
                        "java.nio.charset",
                        "java.time",
                        "java.util..",
                        "java.security",
                        "org.jspecify.annotations",
                        "reactor.core.publisher",
                        "reactor.util.context"));
        rule.check(MAIN);
        for (String clock : List.of("java.time.Clock", "java.time.InstantSource")) {
            noClasses()
                    .that()
                    .resideInAPackage("io.portcullis.session")
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName(clock)
                    .check(MAIN);
        }
        noClasses()
                .that()
                .resideInAPackage("io.portcullis.session")
                .should()
                .callMethod(Instant.class, "now")
                .check(MAIN);
    }

    @ParameterizedTest
    @CsvSource({
        "redis, session",
        "token, session",
        "limit, limit",
        "operations, session token limit",
        "configuration, session token",
        "edge, session token operations limit"
    })
    void packageKnowsOnlyThoseBelowIt(String own, String below) {
        List<String> allowed = Stream.concat(Stream.of(own), Stream.of(below.split(" ")))
                .map(name -> ROOT + "." + name)
                .toList();
        DescribedPredicate<JavaClass> others =
                resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(allowed.toArray(String[]::new))));

        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + own)
                .should()
                .dependOnClassesThat(others)
                .check(MAIN);
    }

    @Test
    void tokenIsOfNoFramework() {
        noClasses()
                .that()
                .resideInAPackage("io.portcullis.token")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.springframework..", "io.lettuce..", "reactor.."))
                .check(MAIN);
    }

    @Test
    void redisIsKnownToNobodyButTheWiring() {
        noClasses()
                .that(not(resideInAPackage("io.portcullis.redis")).and(not(resideInAPackage(ROOT))))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("io.lettuce..", "org.springframework.data.redis..", "io.portcullis.redis"))
                .check(MAIN);
    }

    @Test
    void packagesMakeNoCircle() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void onlyTheRootWires() {
        DescribedPredicate<JavaClass> elsewhere = resideInAPackage(ROOT + "..").and(not(resideInAPackage(ROOT)));
        for (var annotation :
                List.of(Configuration.class, Component.class, Import.class, EnableConfigurationProperties.class)) {
            noClasses()
                    .that(elsewhere)
                    .should()
                    .beAnnotatedWith(annotation)
                    .orShould()
                    .beMetaAnnotatedWith(annotation)
                    .check(MAIN);
        }
        methods()
                .that()
                .areAnnotatedWith(Bean.class)
                .should()
                .beDeclaredInClassesThat()
                .resideInAPackage(ROOT)
                .check(MAIN);
        classes()
                .that()
                .areAnnotatedWith(ConfigurationProperties.class)
                .should()
                .resideInAPackage("io.portcullis.configuration")
                .andShould()
                .beRecords()
                .check(MAIN);
    }

    @Test
    void nothingIsInjectedIntoFieldsOrLoggedBesideSlf4j() {
        NO_CLASSES_SHOULD_USE_FIELD_INJECTION.check(MAIN);
        NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(MAIN);
        // which gives them to its commands
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(MAIN.that(not(type(PortcullisApplication.class))));
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|Managers?|Helpers?|Utils?|Services?|Abstract\\w*|Base\\w*|Constants)")
                .check(MAIN);
    }

    @Test
    void onlyTheStoreIsAnInterfaceWithImplementations() {
        // every other interface is sealed: a closed set of answers
        classes()
                .that()
                .areInterfaces()
                .and()
                .areNotAnnotations()
                .and()
                .doNotHaveSimpleName("package-info")
                .and()
                .doNotHaveFullyQualifiedName(SessionStore.class.getName())
                .should(BE_SEALED)
                .check(MAIN);
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<String> unmarked = MAIN.stream()
                .map(JavaClass::getPackage)
                .filter(one -> !one.isAnnotatedWith(NullMarked.class))
                .map(one -> one.getName())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(unmarked).isEmpty();
    }

    @Test
    void noPathOfAnEndpointIsInTheCode() throws IOException, URISyntaxException {
        Path classes = Path.of(PortcullisApplication.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            List<Path> code = files.filter(file -> file.toString().matches(".*\\.(class|lua|yml|factories)"))
                    .toList();

            // constants are in a class file as they are
            assertThat(code)
                    .hasSizeGreaterThan(30)
                    .anyMatch(file -> text(file).contains("RotateRefreshToken"))
                    .noneMatch(file -> text(file)
                            .replaceAll("io/(opentelemetry|lettuce/core(/sentinel|/cluster)?)/api/", "")
                            .contains("/api/"));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
