package io.portcullis;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * The lines of {@code gateway/SECURITY.md} that a test shows: what an attacker tries, and that it fails. All of them run with
 * {@code -Dgroups=security}.
 */
@Documented
@Tag("security")
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface SecurityLine {
    /** Their numbers. */
    int[] value();
}
