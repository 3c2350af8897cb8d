package io.portcullis;

import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;

/**
 * A gateway before a backend, with keys that both have: what most tests over real sockets begin with. Kept in a static
 * field with JUnit's {@code @AutoClose}, it ends with the tests of its class.
 */
public final class GatewayFixture<B> implements AutoCloseable {
    private final DemoKeys keys;
    private final B backend;
    private final Runnable backendEnd;
    private final TestGateway gateway;

    private GatewayFixture(DemoKeys keys, B backend, Runnable backendEnd, TestGateway gateway) {
        this.keys = keys;
        this.backend = backend;
        this.backendEnd = backendEnd;
        this.gateway = gateway;
    }

    /**
     * Before the demo's application.
     *
     * @param properties of the gateway, as {@code name=value}
     */
    public static GatewayFixture<DemoBackend> beforeDemo(String... properties) {
        DemoKeys keys = DemoKeys.generate();
        DemoBackend backend = DemoBackend.start(keys.accessTokenKey());
        TestGateway gateway = TestGateway.start(keys, backend.uri(), properties);
        return new GatewayFixture<>(keys, backend, backend::close, gateway);
    }

    /**
     * Before a backend that says what it is told to say.
     *
     * @param properties of the gateway, as {@code name=value}
     */
    public static GatewayFixture<RawBackend> beforeRawBackend(String... properties) {
        DemoKeys keys = DemoKeys.generate();
        RawBackend backend = RawBackend.start();
        TestGateway gateway = TestGateway.start(keys, backend.uri(), properties);
        return new GatewayFixture<>(keys, backend, backend::close, gateway);
    }

    public DemoKeys keys() {
        return keys;
    }

    public B backend() {
        return backend;
    }

    public TestGateway gateway() {
        return gateway;
    }

    /** The refresh token of a new session that the demo's application opened. */
    public String login() {
        return login("/api/auth/login");
    }

    public String login(String path) {
        String credentials = "{\"email\":\"ada@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}";
        return Tokens.refreshToken(gateway.post(path, credentials));
    }

    @Override
    public void close() {
        gateway.close();
        backendEnd.run();
        keys.close();
    }
}
