package io.portcullis.soak;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.portcullis.FaultyProxy;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.LoggerFactory;

/**
 * Replicas before one backend. Each has a door through which its clients come, that can be a bad network; Redis can be one or
 * several servers.
 */
final class SoakWorld implements AutoCloseable {
    /** Of what is made to happen all the time. */
    private static final List<Logger> LOUD = Stream.of("portcullis.events", "io.lettuce")
            .map(name -> (Logger) LoggerFactory.getLogger(name))
            .toList();

    private static final int WARM_AFTER = 20;

    private final DemoKeys keys = DemoKeys.generate();
    private final SoakRedis redis;
    private final DemoBackend backend;
    private final List<FaultyProxy> doors = new ArrayList<>();
    private final List<TestGateway> gateways = new ArrayList<>();
    private final List<StoreWitness> witnesses = new ArrayList<>();

    /** One whose Redis is one server. */
    SoakWorld(int replicas, Duration accessTokensLive, PlantedBug bug) {
        this(new LoneRedis(), replicas, accessTokensLive, bug);
    }

    /**
     * Starts all but Redis.
     *
     * @param accessTokensLive all of them, the backend's too; a revoked session is remembered for a second longer
     */
    SoakWorld(SoakRedis redis, int replicas, Duration accessTokensLive, PlantedBug bug) {
        this.redis = redis;
        this.backend = DemoBackend.start(keys.accessTokenKey(), accessTokensLive);
        for (int i = 0; i < replicas; i++) {
            StoreWitness witness = new StoreWitness();
            witnesses.add(witness);
            TestGateway gateway = TestGateway.startChanged(
                    keys,
                    backend.uri(),
                    application -> application.addInitializers(context -> {
                        context.getBeanFactory().addBeanPostProcessor(bug);
                        context.getBeanFactory().addBeanPostProcessor(witness);
                    }),
                    Stream.concat(
                                    Stream.of(redis.another()),
                                    Stream.of(
                                            "portcullis.clock-skew=1s",
                                            "portcullis.realms.dashboard.access-token-lifetime=" + accessTokensLive,
                                            "portcullis.realms.app.access-token-lifetime=" + accessTokensLive))
                            .toArray(String[]::new));
            gateways.add(gateway);
            warmUp(gateway);
            doors.add(FaultyProxy.before(gateway.port()));
        }
        LOUD.forEach(logger -> logger.setLevel(Level.ERROR));
    }

    /** The first answers of a gateway take seconds where the machine has other things to do. */
    private static void warmUp(TestGateway gateway) {
        for (int i = 0; i < WARM_AFTER; i++) {
            HttpResponse<String> login = gateway.post(
                    "/api/auth/login",
                    "{\"email\":\"warm@example.com\",\"password\":\"" + DemoBackend.PASSWORD + "\"}");
            HttpResponse<String> refreshed = gateway.refresh(Tokens.refreshToken(login));
            String bearer = "Bearer " + Tokens.accessToken(refreshed);
            gateway.get("/api/me", "Authorization", bearer);
            gateway.post("/api/auth/logout", "{}", "Authorization", bearer);
        }
    }

    int replicas() {
        return gateways.size();
    }

    SoakRedis redis() {
        return redis;
    }

    FaultyProxy door(int replica) {
        return doors.get(replica);
    }

    TestGateway gateway(int replica) {
        return gateways.get(replica);
    }

    StoreWitness witness(int replica) {
        return witnesses.get(replica);
    }

    /** What counters and timers of all replicas have counted whose tag has that value. */
    long counted(String meter, String tag, String value) {
        return Math.round(gateways.stream()
                .flatMap(gateway -> gateway.bean(MeterRegistry.class).find(meter).meters().stream())
                .filter(found -> tag.isEmpty() || value.equals(found.getId().getTag(tag)))
                .mapToDouble(SoakWorld::count)
                .sum());
    }

    private static double count(Meter meter) {
        return StreamSupport.stream(meter.measure().spliterator(), false)
                .filter(measurement -> measurement.getStatistic() == Statistic.COUNT)
                .mapToDouble(measurement -> measurement.getValue())
                .sum();
    }

    @Override
    public void close() throws IOException {
        LOUD.forEach(logger -> logger.setLevel(null));
        for (FaultyProxy door : doors) {
            door.close();
        }
        gateways.forEach(TestGateway::close);
        redis.close();
        backend.close();
        keys.close();
    }
}
