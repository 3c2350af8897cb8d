package io.portcullis.token;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.portcullis.SecurityLine;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Where the time of a comparison could tell how much of a secret was guessed, it is a library's that takes the same time. */
class ConstantTimeTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.portcullis");

    private static Set<String> calledBy(JavaMethod method) {
        return method.getMethodCallsFromSelf().stream()
                .map(call -> call.getTargetOwner().getSimpleName() + "." + call.getName())
                .collect(Collectors.toSet());
    }

    @Test
    @SecurityLine(24)
    void signaturesAreComparedByTheLibraryInConstantTime() {
        JavaMethod verifies = MAIN.get(JwsKey.class).getMethod("verifies", CompactJws.class);
        JavaMethod ofHmac =
                MAIN.get(PreparedMac.class).getMethod("verify", JWSHeader.class, byte[].class, Base64URL.class);

        assertThat(calledBy(verifies))
                .containsExactlyInAnyOrder("JWSVerifier.verify", "CompactJws.signingInput", "CompactJws.signature");
        assertThat(calledBy(ofHmac)).contains("ConstantTimeUtils.areEqual").doesNotContain("Arrays.equals");
    }

    @Test
    @SecurityLine(24)
    void nobodyComparesBytesAsFastAsHeCan() {
        for (String name : new String[] {"equals", "compare", "mismatch"}) {
            noClasses()
                    .should()
                    .callMethod(Arrays.class, name, byte[].class, byte[].class)
                    .check(MAIN);
        }
        noClasses()
                .that()
                .resideInAPackage("io.portcullis.token")
                .should()
                .callMethod(ByteBuffer.class, "equals", Object.class)
                .check(MAIN);
    }
}
