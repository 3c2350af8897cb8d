package io.portcullis.demo;

/** What the demo prints: lines for a shell, ready to be pasted. */
public final class DemoInstructions {
    private DemoInstructions() {}

    public static String forPort(int port) {
        return """

        Portcullis is at http://localhost:%1$d, with a demo application behind it. Try it in another shell:

        # log in: the refresh token in the answer is the gateway's
        R0=$(curl -s http://localhost:%1$d/api/auth/login -H 'Content-Type: application/json' \\
          -d '{"email":"ada@example.com","password":"%2$s"}' | sed 's/.*"refreshToken":"\\([^"]*\\)".*/\\1/'); echo "$R0"
        # refresh: a new access token and a new refresh token, 200
        R1=$(curl -s http://localhost:%1$d/api/auth/refresh -H 'Content-Type: application/json' \\
          -d "{\\"refreshToken\\":\\"$R0\\"}" | tee /dev/stderr | sed 's/.*"refreshToken":"\\([^"]*\\)".*/\\1/')
        # replay the old token: 401, and the session is revoked
        curl -si http://localhost:%1$d/api/auth/refresh -H 'Content-Type: application/json' -d "{\\"refreshToken\\":\\"$R0\\"}"
        # the newest token is dead as well: 401
        curl -si http://localhost:%1$d/api/auth/refresh -H 'Content-Type: application/json' -d "{\\"refreshToken\\":\\"$R1\\"}"

        Ctrl-C stops everything.
        """.formatted(port, DemoBackend.PASSWORD);
    }
}
