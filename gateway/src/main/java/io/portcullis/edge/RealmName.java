package io.portcullis.edge;

/** The argument of filters that act in one realm; a JavaBean, as Spring Cloud Gateway fills it. */
public final class RealmName {
    private String realm = "";

    public String getRealm() {
        return realm;
    }

    public void setRealm(String realm) {
        this.realm = realm;
    }
}
