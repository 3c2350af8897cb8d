package io.portcullis.demo;

import io.portcullis.PortcullisApplication;
import io.portcullis.redis.RedisServer;
import io.portcullis.session.SessionStore;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The gateway with all it needs to be tried: a Redis server of its own, a small application as backend and keys that are
 * generated at start. {@code ./mvnw -pl gateway spring-boot:test-run} runs it.
 */
public final class DemoApplication {
    private DemoApplication() {}

    public static void main(String[] args) {
        start(args);
    }

    /** Starts everything; closing the context stops everything. */
    public static ConfigurableApplicationContext start(String... args) {
        DemoKeys keys = DemoKeys.generate();
        RedisServer redis = RedisServer.start();
        DemoPage page = new DemoPage();
        DemoBackend backend = DemoBackend.start(keys.accessTokenKey(), page::routes);
        SpringApplication application = new SpringApplication(PortcullisApplication.class);
        application.setDefaultProperties(Map.of(
                // so the endpoint sessions can be tried: without operators it is for this machine
                "management.server.address", "127.0.0.1",
                "spring.data.redis.url", redis.url(),
                "BACKEND_URI", backend.uri(),
                "ACCESS_TOKEN_KEYS", keys.accessTokenKeys().toString(),
                "REFRESH_TOKEN_KEYS", keys.refreshTokenKeys().toString()));
        application.addInitializers(context -> {
            GenericApplicationContext beans = (GenericApplicationContext) context;
            // made first, hence closed last
            beans.registerBean(DemoKeys.class, () -> keys);
            beans.registerBean(RedisServer.class, () -> redis);
            beans.registerBean(DemoBackend.class, () -> backend);
        });
        ConfigurableApplicationContext context = application.run(args);
        context.getBean(RedisServer.class);
        context.getBean(DemoBackend.class);
        context.getBean(DemoKeys.class);
        page.watch(context.getBean(SessionStore.class));
        int port =
                ((ReactiveWebServerApplicationContext) context).getWebServer().getPort();
        System.out.printf(
                "%nPortcullis is at http://localhost:%d, with a demo application behind it. Watch it in a browser at"
                        + " http://localhost:%d/demo or try it in another shell; Ctrl-C stops everything.%n%n%s%n",
                port, port, DemoInstructions.forPort(port));
        return context;
    }
}
