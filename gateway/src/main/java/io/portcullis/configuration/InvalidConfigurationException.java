package io.portcullis.configuration;

import java.util.List;

/** The configuration is wrong; says everything that is, by property. Never contains a secret. */
public final class InvalidConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidConfigurationException(List<String> problems) {
        super("Portcullis does not start, its configuration is wrong:\n - " + String.join("\n - ", problems));
    }
}
