package io.portcullis.token;

/**
 * What every access token of a session has in common, as its backend wrote it when the session was opened.
 *
 * @param header the JOSE header, a JSON object
 * @param claims the claims without {@code iat}, {@code exp} and {@code sid}, a JSON object
 */
public record AccessTemplate(String header, String claims) {
    @Override
    public String toString() {
        return "AccessTemplate";
    }
}
