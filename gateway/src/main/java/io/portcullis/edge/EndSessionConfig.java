package io.portcullis.edge;

/** The arguments of {@code EndSession}; a JavaBean, as Spring Cloud Gateway fills it. */
public final class EndSessionConfig {
    private String realm = "";
    private String whose = "session";
    private String when = "";
    private String surplus = "";

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

    /** What the request must say for anything to end, e.g. {@code status=suspended}; empty if whatever it says will do. */
    public String getWhen() {
        return when;
    }

    public void setWhen(String when) {
        this.when = when;
    }

    /** An argument too many, which Spring Cloud Gateway would ignore. */
    public String getSurplus() {
        return surplus;
    }

    public void setSurplus(String surplus) {
        this.surplus = surplus;
    }
}
