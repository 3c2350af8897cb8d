package io.portcullis.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import io.portcullis.edge.EventLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** A script that is asked for on one of the server's event loops is answered there, over that loop's own connection. */
class LoopClientsIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Script NAME = Script.of(ReturnType.VALUE, "return 'ada'");
    private static final NettyCustomizer AS_THEY_COME = new NettyCustomizer() {};

    private final EventLoopGroup loops = EventLoops.create().onServer(true);
    private final ClientResources threads = DefaultClientResources.create();
    private RedisServer redis;
    private LettuceConnectionFactory shared;
    private LoopClients clients;
    private ScriptRunner scripts;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        RedisConfiguration server = RedisUsers.at(redis.port());
        shared = new LettuceConnectionFactory(
                server,
                LettuceClientConfiguration.builder().clientResources(threads).build());
        shared.afterPropertiesSet();
        clients = LoopClients.of(shared, server, loops, AS_THEY_COME);
        scripts = new ScriptRunner(shared, clients);
        scripts.connect().block(SOON);
    }

    @AfterEach
    void end() {
        clients.stop();
        clients.destroy();
        shared.destroy();
        threads.shutdown().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        redis.close();
    }

    private CompletableFuture<Thread> answeredOn() {
        return scripts.run(NAME, List.of(), List.of())
                .map(answer -> Thread.currentThread())
                .toFuture();
    }

    private Thread answeredOn(EventExecutor asking) {
        CompletableFuture<Thread> answered = new CompletableFuture<>();
        asking.execute(() -> answeredOn().whenComplete((thread, e) -> {
            if (e == null) {
                answered.complete(thread);
            } else {
                answered.completeExceptionally(e);
            }
        }));
        return answered.join();
    }

    private boolean isAnsweredThere(EventExecutor loop) {
        try {
            return loop.inEventLoop(answeredOn(loop));
        } catch (CompletionException e) {
            return false;
        }
    }

    @Test
    void aLoopIsAnsweredOnItselfAndAnyOtherThreadElsewhere() {
        List<EventExecutor> all = new ArrayList<>();
        loops.forEach(all::add);

        assertThat(all).hasSize(2).allMatch(this::isAnsweredThere);
        Thread ofOthers = answeredOn().join();
        assertThat(all).noneMatch(loop -> loop.inEventLoop(ofOthers));
        assertThat(redis.connectionsOfScripts()).hasSize(3);
    }

    @Test
    void aConnectionThatEndsComesBackOnItsLoop() {
        redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

        for (EventExecutor loop : loops) {
            await().atMost(SOON).until(() -> isAnsweredThere(loop));
        }
    }

    /** Where one sees that its server is none any more, the others go with it. */
    @Test
    void theyAreLeftTogether() {
        for (EventExecutor loop : loops) {
            answeredOn(loop);
        }
        answeredOn().join();
        Set<String> before = redis.connectionsOfScripts();
        redis.command("REPLICAOF", "127.0.0.1", Integer.toString(redis.port()));
        EventExecutor first = loops.iterator().next();
        Script write = Script.of(ReturnType.VALUE, "redis.call('HSET', KEYS[1], 'written', 1) return 'OK'");
        CompletableFuture<Object> refused = new CompletableFuture<>();
        first.execute(() -> scripts.run(write, List.of(RedisClients.KEY_PREFIX + "key"), List.of())
                .subscribe(refused::complete, refused::completeExceptionally));
        assertThat(refused).failsWithin(SOON);
        redis.command("REPLICAOF", "NO", "ONE");

        for (EventExecutor loop : loops) {
            await().atMost(SOON).until(() -> isAnsweredThere(loop));
        }
        await().atMost(SOON)
                .until(() -> answeredOn()
                        .thenApply(thread -> true)
                        .exceptionally(e -> false)
                        .join());
        assertThat(redis.connectionsOfScripts()).hasSize(3).doesNotContainAnyElementsOf(before);
    }

    @Test
    void thereAreNoneWhereRedisIsNotOneServerOrTheLoopsAreOthers() {
        EventLoopGroup others = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            assertThat(LoopClients.of(shared, null, loops, AS_THEY_COME).all()).isEmpty();
            assertThat(LoopClients.of(shared, RedisUsers.at(redis.port()), others, AS_THEY_COME)
                            .all())
                    .isEmpty();
        } finally {
            others.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }
}
