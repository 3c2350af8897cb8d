package io.portcullis.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is kept of a target's inputs under {@code src/test/resources/fuzz/}, one a line: printable ASCII as it is, a backslash
 * twice, any other byte as {@code \xNN}.
 */
final class FuzzCases {
    private final String target;

    FuzzCases(String target) {
        this.target = target;
    }

    /** An input that once broke something, and what it broke. */
    record Finding(String name, byte[] input) {}

    /** Where a file of the target is in the sources, seen from the repository's root. */
    static Path source(String target, String file) {
        return Path.of("gateway/src/test/resources/fuzz", target, file);
    }

    /** Written by hand: at least one of every kind of input. */
    List<byte[]> seeds() {
        return lines("seeds.txt").map(FuzzCases::unescape).toList();
    }

    /** What Jazzer found to reach code that the seeds do not. */
    List<byte[]> corpus() {
        return lines("corpus.txt").map(FuzzCases::unescape).toList();
    }

    /** Each line a name, a colon, a blank and the input. */
    List<Finding> findings() {
        return lines("findings.txt").map(FuzzCases::finding).toList();
    }

    /** What is worth putting into an input. */
    List<byte[]> dictionary() {
        return lines("dictionary.txt").map(FuzzCases::unescape).toList();
    }

    /** All kept inputs. */
    List<byte[]> all() {
        return Stream.of(
                        seeds(),
                        corpus(),
                        findings().stream().map(Finding::input).toList())
                .flatMap(List::stream)
                .toList();
    }

    private Stream<String> lines(String file) {
        try (InputStream in = FuzzCases.class.getResourceAsStream("/fuzz/" + target + "/" + file)) {
            if (in == null) {
                throw new IllegalStateException("no " + source(target, file));
            }
            return new String(in.readAllBytes(), US_ASCII).lines().filter(line -> !line.startsWith("#"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Finding finding(String line) {
        int colon = line.indexOf(": ");
        return new Finding(line.substring(0, colon), unescape(line.substring(colon + 2)));
    }

    static String escape(byte[] input) {
        StringBuilder escaped = new StringBuilder(input.length);
        for (byte b : input) {
            if (b == '\\') {
                escaped.append("\\\\");
            } else if (b < ' ' || b > '~' || (b == '#' && escaped.isEmpty())) {
                escaped.append("\\x").append(HexFormat.of().toHexDigits(b));
            } else {
                escaped.append((char) b);
            }
        }
        return escaped.toString();
    }

    static byte[] unescape(String escaped) {
        ByteArrayOutputStream input = new ByteArrayOutputStream(escaped.length());
        int at = 0;
        while (at < escaped.length()) {
            char c = escaped.charAt(at);
            if (c != '\\') {
                input.write(c);
                at++;
            } else if (escaped.charAt(at + 1) == '\\') {
                input.write('\\');
                at += 2;
            } else {
                input.write(HexFormat.fromHexDigits(escaped, at + 2, at + 4));
                at += 4;
            }
        }
        return input.toByteArray();
    }
}
