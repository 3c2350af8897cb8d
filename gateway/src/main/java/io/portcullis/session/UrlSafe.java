package io.portcullis.session;

/** Text of the characters of base64url (RFC 4648, 5), without padding. */
final class UrlSafe {
    private UrlSafe() {}

    /** Whether a text is that, and as long. A loop: it runs several times a refresh. */
    static boolean isText(String text, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (!isOne(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOne(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
}
