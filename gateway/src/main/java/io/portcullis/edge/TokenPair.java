package io.portcullis.edge;

/** The two tokens that a session's client gets, each a compact JWS: letters, digits, {@code -}, {@code _} and dots. */
record TokenPair(String accessToken, String refreshToken) {
    @Override
    public String toString() {
        return "TokenPair";
    }
}
