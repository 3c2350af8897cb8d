package io.portcullis.configuration;

import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * What a deployer configures, on top of the real {@code config/}: variables, arguments and a file. The environment is the
 * one that Spring Boot makes of it; of the machine's own variables none is seen.
 */
public final class CheckedConfiguration {
    private final Path directory;
    private final Map<String, Object> variables = new HashMap<>();
    private final List<String> arguments = new ArrayList<>(List.of("--spring.main.web-application-type=none"));

    /** All that is needed, and right. */
    public CheckedConfiguration(DemoKeys keys, Path directory) {
        this.directory = directory;
        with("SPRING_DATA_REDIS_URL", "redis://127.0.0.1:6379");
        with("BACKEND_URI", "http://127.0.0.1:3000");
        with("ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString());
        with("REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString());
    }

    public CheckedConfiguration with(String variable, String value) {
        variables.put(variable, value);
        return this;
    }

    public CheckedConfiguration without(String variable) {
        variables.remove(variable);
        return this;
    }

    /** A property as an argument: {@code name=value}. */
    CheckedConfiguration property(String property) {
        arguments.add("--" + property);
        return this;
    }

    /** Another file, which wins over {@code config/}. */
    public CheckedConfiguration file(String yaml) throws IOException {
        Path file = Files.writeString(directory.resolve("more.yml"), yaml);
        return property("spring.config.additional-location=" + file);
    }

    /** What {@link ConfigurationCheck} says of it. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        SpringApplication application = application();
        application.setInitializers(
                List.of(context -> problems.addAll(ConfigurationCheck.problems(context.getEnvironment()))));
        application.run(arguments.toArray(String[]::new)).close();
        return problems;
    }

    /** Starts an application of it that has no beans, with the initializers that Spring Boot finds. */
    void start() {
        application().run(arguments.toArray(String[]::new)).close();
    }

    private SpringApplication application() {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        SpringApplication application = new SpringApplication(NoBeans.class);
        application.setEnvironment(environment);
        application.setLogStartupInfo(false);
        application.setRegisterShutdownHook(false);
        return application;
    }

    @Configuration(proxyBeanMethods = false)
    static class NoBeans {}
}
