package io.portcullis.edge;

/** The arguments of {@code ServeFile}; a JavaBean, as Spring Cloud Gateway fills it. */
public final class ServedFile {
    private String file = "";
    private String contentType = "application/octet-stream";

    /** The path, from the directory that the gateway was started in. */
    public String getFile() {
        return file;
    }

    public void setFile(String file) {
        this.file = file;
    }

    public String getContentType() {
        return contentType;
    }

    public void setContentType(String contentType) {
        this.contentType = contentType;
    }
}
