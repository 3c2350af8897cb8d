package io.portcullis.edge;

/** The arguments of {@code EndSession}; a JavaBean, as Spring Cloud Gateway fills it. */
public final class EndSessionConfig {
    private String realm = "";
    private String whose = "session";

    public String getRealm() {
        return realm;
    }

    public void setRealm(String realm) {
        this.realm = realm;
    }

    /**
     * What ends: {@code session}, the bearer's; {@code subject}, all of the bearer's; {@code {name}}, all of the subject that
     * this variable of the route's path names.
     */
    public String getWhose() {
        return whose;
    }

    public void setWhose(String whose) {
        this.whose = whose;
    }
}
