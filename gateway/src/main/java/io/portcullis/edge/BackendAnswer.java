package io.portcullis.edge;

import org.springframework.http.HttpHeaders;

/** What the backends' own refresh endpoint said to a request. */
sealed interface BackendAnswer {

    /**
     * It exchanged the token.
     *
     * @param status 2xx
     * @param accessToken not verified yet
     * @param json the body, an object
     */
    record Exchanged(int status, String accessToken, String json) implements BackendAnswer {
        @Override
        public String toString() {
            return "Exchanged";
        }
    }

    /**
     * It refused the token, or the client.
     *
     * @param status 4xx
     * @param limits when the client may ask again, where the backend says so
     * @param json the body, an object
     */
    record Refusal(int status, HttpHeaders limits, String json) implements BackendAnswer {
        @Override
        public String toString() {
            return "Refusal[" + status + "]";
        }
    }

    /**
     * Nothing that decides about the token.
     *
     * @param why without anything that came from the backend's body
     */
    record Nothing(String why) implements BackendAnswer {}
}
