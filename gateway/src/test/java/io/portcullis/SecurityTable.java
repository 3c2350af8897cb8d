package io.portcullis;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The table of {@code gateway/SECURITY.md}. */
final class SecurityTable {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\| ([^|]*) \\| ([^|]*) \\|$");
    private static final Pattern TEST = Pattern.compile("`(\\w+)\\.(\\w+)`");

    private SecurityTable() {}

    /** A test, by the name of its class without the package, and its own. */
    record TestName(String type, String method) implements Comparable<TestName> {
        @Override
        public String toString() {
            return type + "." + method;
        }

        @Override
        public int compareTo(TestName other) {
            return toString().compareTo(other.toString());
        }
    }

    /**
     * A row.
     *
     * @param number of the line
     * @param attempt what an attacker tries
     * @param tests that show that it fails
     * @param isWhole whether nothing is said to be without a test yet
     */
    record Row(int number, String attempt, Set<TestName> tests, boolean isWhole) {}

    static List<Row> rows(String markdown) {
        List<Row> rows = new ArrayList<>();
        for (MatchResult row : ROW.matcher(markdown).results().toList()) {
            Set<TestName> tests = new TreeSet<>();
            TEST.matcher(row.group(3)).results().forEach(test -> {
                if (!tests.add(new TestName(test.group(1), test.group(2)))) {
                    throw new AssertionError("twice in row " + row.group(1) + ": " + test.group());
                }
            });
            boolean isWhole = !row.group(3).contains("not yet");
            rows.add(new Row(Integer.parseInt(row.group(1)), row.group(2).strip(), tests, isWhole));
        }
        return rows;
    }
}
