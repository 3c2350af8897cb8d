package io.portcullis.edge;

/**
 * What is left of a stretch of a path between separators, once those have dropped their share who would.
 *
 * @param mayVanish whether it counts for nothing to some
 * @param mayBeParent whether it is {@code ..} to some
 * @param trimmed without blanks around it, in lower case
 * @param name without dots at its end either
 */
record Meaning(boolean mayVanish, boolean mayBeParent, String trimmed, String name) {
    static Meaning of(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        boolean foreign = false;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c >= 0x80) {
                foreign |= !Character.isIdentifierIgnorable(c);
            } else if (c >= ' ' && c != 0x7f && c != '%') { // classic ASP drops a % that escapes nothing
                kept.append(c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
            }
        }
        // '+' is a blank to those who decode paths like forms
        String trimmed = trim(kept, " +");
        String name = trimEnd(trimmed, " +.");
        return new Meaning(
                name.isEmpty() && !(trimmed.isEmpty() && foreign),
                name.isEmpty() && trimmed.startsWith(".."),
                trimmed,
                name);
    }

    private static String trim(CharSequence text, String blanks) {
        int start = 0;
        while (start < text.length() && blanks.indexOf(text.charAt(start)) >= 0) {
            start++;
        }
        return trimEnd(text.subSequence(start, text.length()), blanks);
    }

    private static String trimEnd(CharSequence text, String blanks) {
        int end = text.length();
        while (end > 0 && blanks.indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return text.subSequence(0, end).toString();
    }
}
