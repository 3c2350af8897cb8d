package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real event loop with real sockets, whose epoll counts what it is told. */
class SettledInterestTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AtomicInteger told = new AtomicInteger();
    private final AtomicBoolean isBroken = new AtomicBoolean();
    private final BlockingQueue<String> read = new LinkedBlockingQueue<>();
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private MultiThreadIoEventLoopGroup loops;
    private Socket client;
    private Channel channel;

    @BeforeEach
    void connect() throws Exception {
        assumeTrue(Epoll.isAvailable(), "epoll is Linux'");
        loops = new MultiThreadIoEventLoopGroup(1, SettledInterest.factory(counting(EpollIoHandler.newFactory())));
        Channel server = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline().addLast(new Reading());
                        accepted.add(made);
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        client = new Socket("127.0.0.1", ((InetSocketAddress) server.localAddress()).getPort());
        channel = accepted.poll(20, TimeUnit.SECONDS);
        assertThat(channel).isNotNull();
        onLoop(() -> {});
    }

    @AfterEach
    void end() throws Exception {
        if (client != null) {
            client.close();
        }
        if (loops != null) {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void readingThatIsSwitchedOffAndOnAgainIsNoBusinessOfEpolls() throws Exception {
        write("first");
        assertThat(read.poll(20, TimeUnit.SECONDS)).isEqualTo("first");
        int before = told.get();

        for (int i = 0; i < 10; i++) {
            onLoop(() -> {
                channel.config().setAutoRead(false);
                channel.config().setAutoRead(true);
            });
            write("piece " + i);
            assertThat(read.poll(20, TimeUnit.SECONDS)).isEqualTo("piece " + i);
        }

        assertThat(told).hasValue(before);
    }

    @Test
    void readingThatIsSwitchedOffStaysOff() throws Exception {
        onLoop(() -> channel.config().setAutoRead(false));
        int before = told.get();
        write("later");

        assertThat(read.poll(300, TimeUnit.MILLISECONDS)).isNull();

        onLoop(() -> channel.config().setAutoRead(true));
        assertThat(read.poll(20, TimeUnit.SECONDS)).isEqualTo("later");
        assertThat(told).hasValueGreaterThan(before);
    }

    @Test
    void whatAnotherThreadWantsIsTold() throws Exception {
        channel.config().setAutoRead(false);
        // netty had begun to read when it was told not to
        write("pending");
        assertThat(read.poll(20, TimeUnit.SECONDS)).isEqualTo("pending");
        write("later");
        assertThat(read.poll(300, TimeUnit.MILLISECONDS)).isNull();

        channel.config().setAutoRead(true);

        assertThat(read.poll(20, TimeUnit.SECONDS)).isEqualTo("later");
    }

    @Test
    void connectionThatWantsSomethingAndIsClosedAtOnceIsClosed() throws Exception {
        onLoop(() -> {
            channel.config().setAutoRead(false);
            channel.close();
        });

        assertThat(client.getInputStream().read()).isEqualTo(-1);
        try (Socket next = new Socket("127.0.0.1", client.getPort())) {
            next.getOutputStream().write("next".getBytes(StandardCharsets.UTF_8));
            assertThat(read.poll(20, TimeUnit.SECONDS)).isEqualTo("next");
        }
    }

    @Test
    void connectionThatCannotBeWaitedForIsClosed() throws Exception {
        isBroken.set(true);

        onLoop(() -> channel.config().setAutoRead(false));

        await().atMost(PATIENCE).until(() -> !channel.isOpen());
        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    /** Runs a step on the loop, and comes back once the loop has waited after it. */
    private void onLoop(Runnable step) throws Exception {
        loops.submit(step).sync();
        loops.submit(() -> {}).sync();
    }

    private void write(String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private IoHandlerFactory counting(IoHandlerFactory epoll) {
        return loop -> new Counting(epoll.newHandler(loop));
    }

    private final class Reading extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            read.add(bytes.toString(StandardCharsets.UTF_8));
            bytes.release();
        }
    }

    private final class Counting implements IoHandler {
        private final IoHandler epoll;

        private Counting(IoHandler epoll) {
            this.epoll = epoll;
        }

        @Override
        public int run(IoHandlerContext context) {
            return epoll.run(context);
        }

        @Override
        public void initialize() {
            epoll.initialize();
        }

        @Override
        public void prepareToDestroy() {
            epoll.prepareToDestroy();
        }

        @Override
        public void destroy() {
            epoll.destroy();
        }

        @Override
        public void wakeup() {
            epoll.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return epoll.isCompatible(type);
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            IoRegistration registration = epoll.register(handle);
            return new IoRegistration() {
                @Override
                @SuppressWarnings("TypeParameterUnusedInFormals")
                public <T> T attachment() {
                    return registration.attachment();
                }

                @Override
                public long submit(IoOps ops) {
                    if (isBroken.get()) {
                        throw new UncheckedIOException(new IOException("broken"));
                    }
                    told.incrementAndGet();
                    return registration.submit(ops);
                }

                @Override
                public boolean isValid() {
                    return registration.isValid();
                }

                @Override
                public boolean cancel() {
                    return registration.cancel();
                }
            };
        }
    }
}
