package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.NonBlocking;
import reactor.netty.ReactorNetty;
import reactor.netty.resources.LoopResources;

/** The event loops, as reactor-netty asks for them. */
class EventLoopsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private LoopResources resources;

    @BeforeEach
    void create() {
        assumeTrue(Epoll.isAvailable(), "epoll is Linux'");
        resources = EventLoops.create();
    }

    @AfterEach
    void dispose() {
        if (resources != null) {
            resources.disposeLater(Duration.ZERO, SOON).block(SOON);
        }
    }

    private static Set<Thread> threads(EventLoopGroup loops) throws Exception {
        Set<Thread> threads = new HashSet<>();
        for (int i = 0; i < 64; i++) {
            threads.add(loops.next().submit(Thread::currentThread).get());
        }
        return threads;
    }

    @Test
    void thereAreAsManyAsProcessorsAndTheyMustNotWait() throws Exception {
        assertThat(resources).isInstanceOf(EventLoops.class);
        assertThat(threads(resources.onServer(true)))
                .hasSize(Runtime.getRuntime().availableProcessors())
                .allMatch(NonBlocking.class::isInstance)
                .allMatch(Thread::isDaemon)
                .allMatch(thread -> thread.getName().startsWith("reactor-http-epoll-"));
    }

    @Test
    void theirNumberIsReactorNettysProperty() throws Exception {
        System.setProperty(ReactorNetty.IO_WORKER_COUNT, "3");
        LoopResources three = EventLoops.create();
        try {
            assertThat(threads(three.onServer(true))).hasSize(3);
        } finally {
            System.clearProperty(ReactorNetty.IO_WORKER_COUNT);
            three.disposeLater(Duration.ZERO, SOON).block(SOON);
        }
    }

    @Test
    void whatALoopConnectsToIsOnThatLoop() throws Exception {
        EventLoop loop = resources.onServer(true).next();
        EventLoopGroup ofClients = resources.onClient(true);

        for (int i = 0; i < 8; i++) {
            assertThat(loop.submit(() -> ofClients.next()).get()).isSameAs(loop);
        }
    }

    @Test
    void disposedOfTheyAreOver() {
        EventLoopGroup loops = resources.onServer(true);

        resources.disposeLater(Duration.ZERO, SOON).block(SOON);

        assertThat(loops.isTerminated()).isTrue();
    }
}
