package io.portcullis.edge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A literal path in its canonical form, which tells whether another path is a spelling of it: whether <em>some</em>
 * backend, however lenient, could take the one for the other.
 *
 * <p>Servers disagree on what a segment means. {@code ..;} is the parent or a name, an empty segment counts or not, an
 * encoded slash separates or not, and {@code /api/..;/../auth/refresh} is {@code /api/auth/refresh} to those who take
 * the first for a name only. So no single canonical form of a hostile path exists, and all readings are followed side by
 * side: what matters of a reading is how many leading segments of this path it has reached and how many foreign ones
 * lie on top, to be taken away again by {@code ..}. That is a handful of bits, so the time is linear in the length.
 */
final class CanonicalPath {
    /** How a request's path relates to the paths it was compared with. */
    enum Likeness {
        UNLIKE,
        ALIKE,
        /** Encoded too often, or with too many {@code ..}, to tell. */
        UNDECIDABLE
    }

    /** One less than the bits of a state, so that a stack too deep for it cannot come down again. */
    static final int PARENTS_MAX = Long.SIZE - 1;

    private static final Pattern LITERAL = Pattern.compile("/|(/[A-Za-z0-9_~-]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?)+");

    private final List<String> segments;

    private CanonicalPath(List<String> segments) {
        this.segments = segments;
    }

    /**
     * @param literal a path such as {@code /api/auth/refresh}: unreserved characters (RFC 3986, 2.3) only, no slash at
     *     the end
     */
    static CanonicalPath of(String literal) {
        if (!LITERAL.matcher(literal).matches()) {
            throw new IllegalArgumentException("not a literal path of unreserved characters: " + literal);
        }
        return new CanonicalPath(Arrays.stream(literal.split("/"))
                .filter(segment -> !segment.isEmpty())
                .map(segment -> segment.toLowerCase(Locale.ROOT))
                .toList());
    }

    /** Whether a path has one reading only, itself: {@code [a-z0-9/_-]}, no empty segment, none at the end. */
    static boolean isPlain(String rawPath) {
        char previous = 0;
        for (int at = 0; at < rawPath.length(); at++) {
            char c = rawPath.charAt(at);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
            if (!plain && (c != '/' || previous == '/')) {
                return false;
            }
            previous = c;
        }
        return rawPath.length() > 1 && rawPath.charAt(0) == '/' && previous != '/';
    }

    /** @param rawPath as on the wire, percent-encoded, without query */
    static Likeness likeness(String rawPath, Collection<CanonicalPath> paths) {
        LenientPath lenient = LenientPath.of(rawPath);
        if (!lenient.settled()) {
            return Likeness.UNDECIDABLE;
        }
        for (String text : lenient.texts()) {
            List<Piece> pieces = Piece.of(text);
            if (pieces.stream().filter(Piece::mayBeParent).count() > PARENTS_MAX) {
                return Likeness.UNDECIDABLE;
            }
            for (CanonicalPath path : paths) {
                if (path.isSpelledBy(pieces)) {
                    return Likeness.ALIKE;
                }
            }
        }
        return Likeness.UNLIKE;
    }

    /** The canonical form, which is a plain path unless a segment has a dot or a tilde. */
    @Override
    public String toString() {
        return "/" + String.join("/", segments);
    }

    private boolean isSpelledBy(List<Piece> pieces) {
        // Bit n of element m: m segments of this path reached, n foreign ones on top.
        long[] closed = new long[segments.size() + 1];
        // The same, where what follows an encoded slash may still belong to the segment before it.
        long[] open = new long[segments.size() + 1];
        closed[0] = 1;
        for (Piece piece : pieces) {
            long[] before = union(closed, open);
            long[] nextOpen = new long[before.length];
            for (int reached = 0; reached < before.length; reached++) {
                nextOpen[reached] = (before[reached] << 1) | (piece.mayContinue() ? open[reached] : 0);
            }
            if (piece.mayContinue() && !piece.cuts().isEmpty() && isReached(open)) {
                // what continues ends in it
                return true;
            }
            for (Meaning cut : piece.cuts()) {
                long[] after = after(before, cut);
                if (isReached(after)) {
                    return true;
                }
                nextOpen = union(nextOpen, after);
            }
            if (isReachedByExtension(before, piece.whole())) {
                // which goes on behind an encoded slash: Rails answers /refresh.a%2Fb as /refresh
                nextOpen[segments.size()] |= 1;
            }
            closed = after(before, piece.whole());
            if (piece.mayContinue() && piece.whole().trimmed().startsWith(".")) {
                // an extension of nothing, behind a slash at the end, which may go on too: /refresh%2F.json,
                // /refresh%2F.a%2Fb
                closed[segments.size()] |= before[segments.size()] & 1;
                nextOpen[segments.size()] |= before[segments.size()] & 1;
            }
            if (piece.mayBeAuthority()) {
                closed[0] |= before[0];
                nextOpen[0] |= before[0];
            }
            open = nextOpen;
        }
        return isReached(closed) || isReached(open);
    }

    private long[] after(long[] before, Meaning meaning) {
        long[] after = new long[before.length];
        for (int reached = 0; reached < before.length; reached++) {
            if (meaning.mayVanish()) {
                after[reached] |= before[reached];
            }
            if (meaning.mayBeParent()) {
                after[reached] |= before[reached] >>> 1;
                after[Math.max(reached - 1, 0)] |= before[reached] & 1;
            }
            if ((before[reached] & 1) != 0 && reached < segments.size() && names(meaning.name(), reached)) {
                after[reached + 1] |= 1;
            }
        }
        return after;
    }

    private boolean names(String name, int index) {
        String rest = rest(name, index);
        return rest != null && (rest.isEmpty() || isExtension(rest, index));
    }

    /** What stands behind the segment; null if a name is another one's. */
    private @Nullable String rest(String name, int index) {
        String segment = segments.get(index);
        return name.startsWith(segment)
                ? name.substring(segment.length()).replace('+', ' ').stripLeading()
                : null;
    }

    /** Rails and suffix matching in Spring MVC answer /refresh.json as /refresh. */
    private boolean isExtension(String rest, int index) {
        return index == segments.size() - 1 && rest.startsWith(".");
    }

    private boolean isReachedByExtension(long[] before, Meaning meaning) {
        int last = segments.size() - 1;
        String rest = last < 0 || (before[last] & 1) == 0 ? null : rest(meaning.trimmed(), last);
        return rest != null && isExtension(rest, last);
    }

    private boolean isReached(long[] states) {
        return (states[segments.size()] & 1) != 0;
    }

    private static long[] union(long[] one, long[] other) {
        long[] union = one.clone();
        for (int index = 0; index < union.length; index++) {
            union[index] |= other[index];
        }
        return union;
    }

    /**
     * What stands between two separators. Beside what is said here it may always be a name like any other.
     *
     * @param cuts what it means to those for whom it, or the path, ends at a {@code ;}, {@code ?}, {@code #} or NUL
     * @param mayContinue whether an encoded slash or a backslash stands before it
     * @param mayBeAuthority whether it follows {@code //}, where a host would stand once all before it is taken away
     */
    private record Piece(Meaning whole, List<Meaning> cuts, boolean mayContinue, boolean mayBeAuthority) {
        static List<Piece> of(String path) {
            List<Piece> pieces = new ArrayList<>();
            boolean emptyBefore = false;
            int start = 0;
            for (int at = 0; at <= path.length(); at++) {
                if (at == path.length() || isSeparator(path.charAt(at))) {
                    boolean mayContinue = start > 0 && path.charAt(start - 1) == '\\';
                    String text = path.substring(start, at);
                    Piece piece = new Piece(Meaning.of(text), cuts(text), mayContinue, emptyBefore);
                    pieces.add(piece);
                    emptyBefore |= start > 0 && piece.mayBeEmpty();
                    start = at + 1;
                }
            }
            return pieces;
        }

        /** To those who drop parameters, controls or blanks before they look for a host. */
        private boolean mayBeEmpty() {
            return whole.trimmed().isEmpty()
                    || cuts.stream().anyMatch(cut -> cut.trimmed().isEmpty());
        }

        boolean mayBeParent() {
            return whole.mayBeParent() || cuts.stream().anyMatch(Meaning::mayBeParent);
        }

        private static boolean isSeparator(char c) {
            return c == '/' || c == '\\';
        }

        private static List<Meaning> cuts(String piece) {
            int nul = piece.indexOf('\0');
            int delimiter = 0;
            while (delimiter < piece.length() && ";?#".indexOf(piece.charAt(delimiter)) < 0) {
                delimiter++;
            }
            List<Meaning> cuts = new ArrayList<>(2);
            if (nul >= 0) {
                cuts.add(Meaning.of(piece.substring(0, nul)));
            }
            if (delimiter < piece.length()) {
                cuts.add(Meaning.of(piece.substring(0, delimiter)));
            }
            return cuts;
        }
    }
}
