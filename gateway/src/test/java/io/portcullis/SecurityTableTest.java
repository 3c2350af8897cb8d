package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.portcullis.SecurityTable.Row;
import io.portcullis.SecurityTable.TestName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;

/** {@code gateway/SECURITY.md} has a row for every line, and each row names exactly the tests that say they show it. */
@Tag("security")
class SecurityTableTest {
    private static final Path FILE = Path.of("gateway/SECURITY.md");
    private static final int LINES = 48;

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("io.portcullis");

    private final List<Row> rows = SecurityTable.rows(read());

    private static String read() {
        try {
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<JavaMethod> methods() {
        return TESTS.stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.isAnnotatedWith(SecurityLine.class));
    }

    private static TestName name(JavaMethod method) {
        return new TestName(method.getOwner().getSimpleName(), method.getName());
    }

    @Test
    void everyLineHasOneRowAndTheyAreInOrder() {
        assertThat(rows)
                .extracting(Row::number)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, LINES).boxed().toList());
        assertThat(rows).allMatch(row -> row.attempt().length() > 5);
    }

    @Test
    void everyRowNamesTheTestsThatSayTheyShowItsLineAndNoOthers() {
        Map<Integer, Set<TestName>> shown = new TreeMap<>();
        methods().forEach(method -> {
            for (int line : method.getAnnotationOfType(SecurityLine.class).value()) {
                shown.computeIfAbsent(line, number -> new TreeSet<>()).add(name(method));
            }
        });
        Map<Integer, Set<TestName>> named = new TreeMap<>();
        rows.stream().filter(row -> !row.tests().isEmpty()).forEach(row -> named.put(row.number(), row.tests()));

        assertThat(named).isEqualTo(shown);
    }

    @Test
    void everyRowHasATestAndSaysOfNoneThatItIsNotThereYet() {
        assertThat(rows)
                .filteredOn(row -> row.tests().isEmpty() || !row.isWhole())
                .extracting(Row::number)
                .isEmpty();
    }

    @Test
    void everyNamedTestRuns() {
        assertThat(methods()).isNotEmpty().allSatisfy(method -> {
            assertThat(method.isMetaAnnotatedWith(Testable.class))
                    .as("a test: %s", name(method))
                    .isTrue();
            assertThat(runs(method)).as("runs: %s", name(method)).isTrue();
        });
    }

    /** Whether Maven runs it: in a class of its own name, or in one that inherits it. */
    private static boolean runs(JavaMethod method) {
        JavaClass owner = method.getOwner();
        Stream<JavaClass> types = Stream.concat(Stream.of(owner), owner.getAllSubclasses().stream());
        return !isSwitchedOff(method.getAnnotations().stream().map(annotation -> annotation.getRawType()))
                && types.anyMatch(type -> type.getSimpleName().matches("\\w+(Test|IT)")
                        && !type.getModifiers().contains(JavaModifier.ABSTRACT)
                        && !isSwitchedOff(type.getAnnotations().stream().map(annotation -> annotation.getRawType())));
    }

    /** By JUnit's {@code @Disabled}, or by a condition, which may not hold. */
    private static boolean isSwitchedOff(Stream<JavaClass> annotations) {
        return annotations.anyMatch(annotation -> annotation.getName().startsWith("org.junit.jupiter.api.")
                && annotation.getSimpleName().matches("(Disabled|Enabled).*"));
    }

    @Test
    void noTwoClassesOfTestsHaveTheSameName() {
        List<String> names = methods()
                .map(JavaMethod::getOwner)
                .distinct()
                .map(JavaClass::getSimpleName)
                .toList();

        assertThat(names).doesNotHaveDuplicates();
    }
}
