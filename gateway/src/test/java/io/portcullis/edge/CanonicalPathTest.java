package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.portcullis.edge.CanonicalPath.Likeness;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalPathTest {
    static final String PROTECTED = "/api/auth/refresh";

    /** Each is the protected path to some server, router or framework. */
    static final List<String> SPELLINGS = List.of(
            // empty segments, and a first one taken for a host
            "//api/auth/refresh",
            "///api/auth/refresh",
            "/api//auth/refresh",
            "/api/auth///refresh",
            "//host.example/api/auth/refresh",
            "/\\host.example/api/auth/refresh",
            "//host%2Fx/api/auth/refresh",
            "//x/../host/api/auth/refresh",
            "/x/..//host/api/auth/refresh",
            "//host%5Cx:80/api/auth/refresh",
            // at the end
            "/api/auth/refresh/",
            "/api/auth/refresh//",
            "/api/auth/refresh.",
            "/api/auth/refresh...",
            "/api/auth/refresh/.",
            "/api/auth/refresh%20",
            "/api/auth/refresh+",
            "/api/auth/refresh%09",
            "/api/auth/refresh%0a",
            "/api/auth/refresh%0d%0a",
            "/api/auth/refresh%C2%A0",
            "/api/auth/refresh%2F",
            "/api/auth/refresh%5c",
            "/api/auth/refresh%2e",
            "/api/auth/refresh.%20.",
            "/api/auth/refresh.json",
            "/api/auth/refresh.JSON/",
            "/api/auth/refresh.tar.gz",
            "/api/auth/refresh%2ejson",
            "/api/auth/refresh.a%2Fb",
            "/api/auth/refresh.%2Fx",
            "/api/auth/refresh.a%5Cb.c",
            // cut short
            "/api/auth/refresh%00",
            "/api/auth/refresh%00.png",
            "/api/auth/refresh%00/extra",
            "/api/auth/refresh%2500x",
            "/api/auth/re%00fresh",
            "/api/auth/refresh%3f",
            "/api/auth/refresh%3Fa=b/../c",
            "/api/auth/refresh%253f/extra",
            "/api/auth/refresh%23",
            "/api/auth/refresh%23/extra",
            // matrix parameters
            "/api/auth/refresh;",
            "/api/auth/refresh;x",
            "/api/auth/refresh;jsessionid=1",
            "/api;v=1/auth;x;y/refresh",
            "/api/;x/auth/refresh",
            "/api/auth/refresh%3bx",
            "/api/auth/refresh;a=%2Fb",
            "/api/auth/refresh;a=b/c",
            "/api/auth/refresh%3Ba%2Fb",
            "/api/auth/refresh%EF%BC%9Bx",
            "/api/auth/refresh.json;x",
            // dot segments
            "/./api/auth/refresh",
            "/api/./auth/./refresh",
            "/api/%2e/auth/refresh",
            "/api/x/../auth/refresh",
            "/api/auth/x/%2e%2e/refresh",
            "/api/auth/x/.%2E/refresh",
            "/api/auth/x/..%2frefresh",
            "/api/auth/x%2f..%2Frefresh",
            "/api/auth/x/..;/refresh",
            "/api/auth/x/..;y=z/refresh",
            "/api/auth/x/..%3b/refresh",
            "/api/auth/x/%252e%252e/refresh",
            "/../api/auth/refresh",
            "/..;/api/auth/refresh",
            "/api/auth/refresh/x/..",
            "/api/auth/refresh/%2e%2e/refresh",
            "/api/auth/login/../refresh",
            "/api/auth/x/..%20/refresh",
            // dot segments that servers resolve differently
            "/api//../auth/refresh",
            "/api/x//../../auth/refresh",
            "/api/..;/../auth/refresh",
            "/api/;x/../auth/refresh",
            "/api/%20/../auth/refresh",
            "/api/.../../auth/refresh",
            "/a%2Fb/../api/auth/refresh",
            "/a%5Cb/../api/auth/refresh",
            "/a%252Fb/../api%2fauth/refresh",
            "/x%3f/../api/auth/refresh",
            "/x%23/../api/auth/refresh",
            // separators
            "\\api\\auth\\refresh",
            "/api\\auth/refresh",
            "/api/auth\\refresh",
            "/api%5cauth%5Crefresh",
            "/api%2fauth%2Frefresh",
            "%2fapi/auth/refresh",
            "/api/auth%252frefresh",
            "/api/auth%255crefresh",
            "/api/auth%E2%88%95refresh",
            "/api/auth%EF%BC%8Frefresh",
            "/api/auth%EF%BC%BCrefresh",
            "/api/auth%c2%a5refresh",
            // percent-encoding
            "/api/auth/%72efresh",
            "/%61%70%69/%61%75%74%68/%72%65%66%72%65%73%68",
            "/api/auth/%2572efresh",
            "/api/auth/%252572efresh",
            "/api/auth/%2525252525252572efresh",
            "/api/auth/%%372efresh",
            "/api/auth/%257%002efresh",
            "/api/auth/%u0072efresh",
            "/api/auth/%U0072efresh",
            "/api/auth/%25u0072efresh",
            "/api/auth/%uff52efresh",
            "/api/auth/re%fresh",
            "/api/auth/re%25fresh",
            // case
            "/API/AUTH/REFRESH",
            "/api/auth/Refresh",
            "/api/auth/%52efresh",
            "/api/auth/refre%C5%BFh",
            "/ap%C4%B1/auth/refresh",
            "/ap%C4%B0/auth/refresh",
            // UTF-8
            "/api/auth/%EF%BD%92efresh",
            "/api/auth/%25EF%25BD%2592efresh",
            "/api/auth/%C3%AF%C2%BD%C2%92efresh",
            "/api/auth/\u00ef\u00bd\u0092efresh",
            "/api/auth/%F0%9D%93%BBefresh",
            "/%C2%AApi/auth/refresh",
            "/%AApi/auth/refresh",
            "/api/auth/r%C3%A9fresh",
            "/api/auth/re%CC%81fresh",
            "/api/auth/re%E2%80%8Bfresh",
            "/api/auth/%EF%BB%BFrefresh",
            "/api/%E2%80%8B/auth/refresh",
            "/api/auth/re%C2%ADfresh",
            "/api/auth/re%FFfresh",
            "/api/auth/%c0%72efresh",
            "/api/auth/re%c0%affresh",
            "/api/auth/re%25e0%2580%25affresh",
            "/api/auth/%EF%BC%85%37%32efresh",
            // UTF-8 in overlong form
            "/api/auth%c0%afrefresh",
            "/api/auth%e0%80%afrefresh",
            "/api/auth%f0%80%80%afrefresh",
            "/api/auth%c1%9crefresh",
            "/api/auth%c1%1crefresh",
            "/api/auth%c0%2frefresh",
            "/api/auth/%c1%b2efresh",
            "/api/auth/%e0%81%b2efresh",
            "/api/auth/%f0%80%81%b2efresh",
            "/api/auth/%25c1%25b2efresh",
            "/api/auth/x/%c0%ae%c0%ae/refresh");

    /** None is the protected path to anybody. */
    static final List<String> INNOCENT = List.of(
            "",
            "/",
            "/*",
            "/api",
            "/api/",
            "/api/auth",
            "/api/auth/",
            "/api/auth/refresh-tokens",
            "/api/auth/refresh_tokens",
            "/api/auth/refreshing",
            "/api/auth/refres",
            "/api/auth/refresh2",
            "/api/auth/refresh~",
            "/api/auth/refresh/extra",
            "/api/auth/refresh%2Fextra",
            "/api/auth/refresh/extra;x=1",
            "/api/auth/refresh/extra/..%2fmore",
            "/api/auth/refresh.json/extra",
            "/api/auth/refresh.a%2Fb/extra",
            "/api/auth.json/refresh",
            "/api/auth/refresh/../login",
            "/api/auth/refresh/../../users",
            "/api/auth/my/refresh",
            "/v1/api/auth/refresh",
            "/auth/refresh",
            "/api/refresh",
            "/apiauthrefresh",
            "/api/authrefresh",
            "/api-auth/refresh",
            "/refresh/auth/api",
            "/API/other",
            "/Api/Auth/Login",
            "/a//b",
            "/a/./b",
            "/a/../b",
            "/files/a%20b.txt",
            "/files/100%25.txt",
            "/files/a+b.txt",
            "/files/a%2Fb%2Fc.txt",
            "/files/a%5Cb",
            "/files/report.v2.final.pdf",
            "/files/C:%5CUsers%5Cme",
            "/users/jo@example.com",
            "/users/5f3A9c;v=2/posts",
            "/search/what%3F",
            "/tags/c%23",
            "/caf%C3%A9/men%C3%BC",
            "/%E6%97%A5%E6%9C%AC/%E8%AA%9E",
            "/api/%E6%97%A5%E6%9C%AC/auth/refresh",
            "/api/auth/%E6%97%A5%E6%9C%AC/refresh",
            "/api/auth/refresh/%E6%97%A5",
            "/api/auth/%D1%80%D0%B5%D1%84%D1%80%D0%B5%D1%88",
            "/api/auth/r%D0%B5fresh",
            "/emoji/%F0%9F%98%80",
            "/\u00e9t\u00e9",
            "/bad/%zz/%2",
            "/.well-known/jwks.json");

    static final List<CanonicalPath> PATHS = List.of(CanonicalPath.of(PROTECTED), CanonicalPath.of("/Api/v1.2/Token"));

    @ParameterizedTest
    @FieldSource("SPELLINGS")
    void spellingIsAlike(String path) {
        assertThat(CanonicalPath.likeness(path, PATHS)).isEqualTo(Likeness.ALIKE);
    }

    @ParameterizedTest
    @FieldSource("INNOCENT")
    void innocentPathIsUnlike(String path) {
        assertThat(CanonicalPath.likeness(path, PATHS)).isEqualTo(Likeness.UNLIKE);
    }

    @Test
    void pathIsAlikeToItself() {
        assertThat(CanonicalPath.likeness(PROTECTED, PATHS)).isEqualTo(Likeness.ALIKE);
        assertThat(CanonicalPath.likeness("/Api/v1.2/Token", PATHS)).isEqualTo(Likeness.ALIKE);
        assertThat(CanonicalPath.likeness("/api/V1.2/token.json", PATHS)).isEqualTo(Likeness.ALIKE);
    }

    @Test
    void rootCanBeProtectedToo() {
        List<CanonicalPath> root = List.of(CanonicalPath.of("/"));

        assertThat(Stream.of("/", "//", "/.", "/x/..", "/%2f", "/;x", ""))
                .allMatch(path -> CanonicalPath.likeness(path, root) == Likeness.ALIKE);
        assertThat(Stream.of("/x", "/x/../y", "/*"))
                .allMatch(path -> CanonicalPath.likeness(path, root) == Likeness.UNLIKE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "api/auth",
                "/api/",
                "/api//auth",
                "/api/..",
                "/api/auth.",
                "/api/{id}",
                "/api/**",
                "/api/%72",
                "/a;b",
                "/a?b",
                "/\u00e9"
            })
    void onlyLiteralPathsCanBeProtected(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CanonicalPath.of(path))
                .withMessageContaining(path);
    }

    @Test
    void pathEncodedTooOftenIsUndecidable() {
        String deepest = "/api/auth/%" + "25".repeat(LenientPath.LAYERS_MAX - 1) + "72efresh";
        String tooDeep = "/api/auth/%" + "25".repeat(LenientPath.LAYERS_MAX) + "72efresh";

        assertThat(CanonicalPath.likeness(deepest, PATHS)).isEqualTo(Likeness.ALIKE);
        assertThat(CanonicalPath.likeness(tooDeep, PATHS)).isEqualTo(Likeness.UNDECIDABLE);
    }

    @Test
    void pathWithTooManyParentsIsUndecidable() {
        String most = "/x".repeat(CanonicalPath.PARENTS_MAX) + "/..".repeat(CanonicalPath.PARENTS_MAX) + PROTECTED;
        String tooMany = "/x".repeat(64) + "/..".repeat(64) + PROTECTED;

        assertThat(CanonicalPath.likeness(most, PATHS)).isEqualTo(Likeness.ALIKE);
        assertThat(CanonicalPath.likeness(tooMany, PATHS)).isEqualTo(Likeness.UNDECIDABLE);
    }

    @Test
    void depthAloneIsNoReasonToRefuse() {
        assertThat(CanonicalPath.likeness("/x".repeat(1000) + PROTECTED, PATHS)).isEqualTo(Likeness.UNLIKE);
        assertThat(CanonicalPath.likeness("/.".repeat(1000) + PROTECTED, PATHS)).isEqualTo(Likeness.ALIKE);
    }

    static Stream<String> hostilePaths() {
        return Stream.of(
                        "/",
                        "/..",
                        "/x;",
                        "%",
                        "%2",
                        "%25",
                        "%2525",
                        "%2f..%3b",
                        "%c0",
                        "%f0%80%80",
                        "%EF%B7%BA",
                        "\u00cc\u00a3",
                        "\u00cc\u00a7\u00cc\u00a3",
                        "%u",
                        "%00",
                        ";",
                        "?#",
                        ".",
                        "+",
                        "\\",
                        "/a/..;",
                        "%CC%A3%CC%A7",
                        "\u00ff")
                .map(unit -> unit.repeat(65_536 / unit.length()));
    }

    @ParameterizedTest
    @MethodSource("hostilePaths")
    void hostile64KilobytesTakeLittleOfTheProcessor(String path) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();

        CanonicalPath.likeness(PROTECTED + path, PATHS);

        assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - before)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void plainPathsGetTheSameAnswerFromTheSetAsFromTheReadings() {
        Random random = new Random(7);
        Set<String> canonical = Set.of(PATHS.get(0).toString(), PATHS.get(1).toString());
        List<String> segments = List.of("api", "auth", "refresh", "refresh-tokens", "a", "_", "-", "0", "");

        Stream<String> random10000 = Stream.generate(() -> {
                    StringBuilder path = new StringBuilder();
                    for (int left = 1 + random.nextInt(4); left > 0; left--) {
                        path.append('/').append(segments.get(random.nextInt(segments.size())));
                    }
                    return path.toString();
                })
                .limit(10_000);

        assertThat(Stream.of(random10000, SPELLINGS.stream(), INNOCENT.stream(), Stream.of(PROTECTED))
                        .flatMap(paths -> paths)
                        .filter(CanonicalPath::isPlain))
                .hasSizeGreaterThan(5_000)
                .contains(PROTECTED)
                .allSatisfy(path -> assertThat(CanonicalPath.likeness(path, PATHS) == Likeness.ALIKE)
                        .isEqualTo(canonical.contains(path)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "a", "/a/", "//a", "/a//b", "/A", "/a.b", "/a%62", "/a;b", "/a\\b", "/a b", "/\u00e9"})
    void pathsWithASecondReadingAreNotPlain(String path) {
        assertThat(CanonicalPath.isPlain(path)).isFalse();
    }

    @Test
    void spellingsComposedAtRandomAreAlike() {
        long seed = Long.getLong("portcullis.seed", System.nanoTime());
        Random random = new Random(seed);

        for (int round = 0; round < 20_000; round++) {
            String path = Spelling.atRandom(PROTECTED, random);

            assertThat(CanonicalPath.likeness(path, PATHS))
                    .as("seed %d, round %d: %s", seed, round, path)
                    .isEqualTo(Likeness.ALIKE);
        }
    }

    @Test
    void pathsOfOtherWordsComposedAtRandomAreUnlike() {
        long seed = Long.getLong("portcullis.seed", System.nanoTime());
        Random random = new Random(seed);

        for (int round = 0; round < 20_000; round++) {
            String path = Spelling.atRandom("/api/login/refresh", random);

            assertThat(CanonicalPath.likeness(path, PATHS))
                    .as("seed %d, round %d: %s", seed, round, path)
                    .isEqualTo(Likeness.UNLIKE);
        }
    }

    @Test
    void decodingAndComparingOnceMissesMostSpellings() {
        assertThat(SPELLINGS.stream().filter(path -> !naivelyCaught(path))).hasSizeGreaterThan(SPELLINGS.size() / 2);
    }

    private static boolean naivelyCaught(String path) {
        try {
            String decoded = URLDecoder.decode(path, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
            return Path.of(decoded).normalize().toString().equals(PROTECTED);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    /** Spellings made the way an attacker's tool makes them: a structure first, then characters, then layers. */
    static final class Spelling {
        private static final List<String> PADS = List.of(
                "/",
                "/.",
                "/%2e",
                "/x/..",
                "/%20/..;",
                "/;a",
                "/x/%2e%2e",
                "/a%2fb/..",
                "/x/..;b=c",
                "/./.",
                "/%00",
                "/%09");
        private static final List<String> TAILS = List.of(
                "",
                "",
                "",
                "/",
                ".",
                "%20",
                "+",
                "%00",
                "%00.png",
                ";",
                ";x=1",
                ";a=%2fb",
                "%3fx",
                "%23x",
                ".json",
                "%0a",
                "/.",
                "//",
                "/x/..",
                "%5c",
                "%e2%80%8b",
                ".%20");
        private static final List<String> SLASHES =
                List.of("/", "/", "/", "\\", "%2f", "%5C", "%c0%af", "%e0%80%af", "%u2215", "%EF%BC%8F", "//", "/./");

        private Spelling() {}

        static String atRandom(String path, Random random) {
            StringBuilder spelling = new StringBuilder();
            for (String segment : path.substring(1).split("/")) {
                if (random.nextInt(3) == 0) {
                    spelling.append(pick(PADS, random));
                }
                // a server that takes the first slash for something else never sees a path
                spelling.append(spelling.isEmpty() ? "/" : pick(SLASHES, random));
                segment.chars().forEach(c -> spelling.append(character((char) c, random)));
                if (random.nextInt(6) == 0) {
                    spelling.append(pick(List.of(";", ";v=1", "%20", ".", "%00", "+", "%3B"), random));
                }
            }
            spelling.append(pick(TAILS, random));
            UnaryOperator<String> layer = text -> text.replace("%", "%25");
            return Stream.iterate(spelling.toString(), layer)
                    .skip(random.nextInt(4))
                    .findFirst()
                    .orElseThrow();
        }

        private static String character(char c, Random random) {
            String fullWidth = Character.toString(c - 0x20 + 0xff00);
            return switch (random.nextInt(24)) {
                case 0 -> "%%%02x".formatted((int) c);
                case 1 -> "%%%02X".formatted((int) Character.toUpperCase(c));
                case 2 -> "%%25%02x".formatted((int) c);
                case 3 -> "%%u%04x".formatted((int) c);
                case 4 -> "%%c%x%%%02x".formatted(c >> 6, 0x80 | c & 0x3f);
                case 5 -> "%%e0%%%02X%%%02X".formatted(0x80 | c >> 6, 0x80 | c & 0x3f);
                case 6 -> "%%f0%%80%%%02x%%%02x".formatted(0x80 | c >> 6, 0x80 | c & 0x3f);
                case 7 -> escaped(fullWidth);
                case 8 -> escaped(c + "\u0301");
                case 9 -> escaped("\u200b" + c);
                case 10 -> c + "%07";
                case 11, 12, 13 -> Character.toString(Character.toUpperCase(c));
                default -> Character.toString(c);
            };
        }

        private static String escaped(String text) {
            StringBuilder escaped = new StringBuilder();
            for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                escaped.append("%%%02x".formatted(b));
            }
            return escaped.toString();
        }

        private static String pick(List<String> from, Random random) {
            return from.get(random.nextInt(from.size()));
        }
    }
}
