package io.portcullis;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * {@code java -jar portcullis-gateway.jar --check-config}: makes everything that a gateway is made of, and starts nothing of
 * it. What would stop a start stops this, and is said in the same words; no port is opened, and nobody is connected to.
 */
final class CheckConfigCommand {
    static final String NAME = "--check-config";

    private CheckConfigCommand() {}

    /** Whether the program is called for this. */
    static boolean isNamedIn(String[] args) {
        return List.of(args).contains(NAME);
    }

    /**
     * Checks the configuration, which the other arguments belong to.
     *
     * @return the exit code: 0, since what is wrong is thrown
     * @throws RuntimeException if a gateway would not start with it; Spring Boot has printed why
     */
    static int run(String[] args, PrintStream out) {
        SpringApplication application = new SpringApplication(PortcullisApplication.class);
        application.setLogStartupInfo(false);
        application.setRegisterShutdownHook(false);
        application.addInitializers(CheckConfigCommand::startNothing);
        String[] others =
                Arrays.stream(args).filter(argument -> !argument.equals(NAME)).toArray(String[]::new);
        application.run(others).close();
        out.println("The configuration can be used.");
        return 0;
    }

    private static void startNothing(ConfigurableApplicationContext context) {
        context.getBeanFactory()
                .registerSingleton(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME, new Nothing());
    }

    /** In the place of what starts servers, connections and repeated work once all beans are made. */
    private static final class Nothing implements LifecycleProcessor {
        @Override
        public void onRefresh() {
            // a gateway would start to listen here
        }

        @Override
        public void onClose() {
            // nothing was started
        }

        @Override
        public void start() {
            // nobody asks for it
        }

        @Override
        public void stop() {
            // nobody asks for it
        }

        @Override
        public boolean isRunning() {
            return false;
        }
    }
}
