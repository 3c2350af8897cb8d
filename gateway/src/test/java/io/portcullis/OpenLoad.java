package io.portcullis;

import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Many clients who ask when they like, and not when somebody before them has been answered: so many requests a second,
 * however long the answers take, each on a connection on which nothing is under way.
 */
final class OpenLoad implements AutoCloseable {
    /** No request is sent while so many are unanswered; it counts as sent and refused. */
    static final String NOT_SENT = "not sent";

    private static final String BROKEN = "broken off";
    private static final Duration TICK = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Deque<Channel> idle = new ArrayDeque<>();
    private final Map<String, AtomicLong> answers = new ConcurrentHashMap<>();
    private final AtomicLong underWay = new AtomicLong();
    private final int port;
    private final int connectionsMax;

    /**
     * A request, and what is done with its answer.
     *
     * @param bytes from the first line to the last byte
     * @param answered is told the status and the body, on the thread of the load
     */
    record Asked(String bytes, BiConsumer<Integer, String> answered) {}

    OpenLoad(int port, int connectionsMax) {
        this.port = port;
        this.connectionsMax = connectionsMax;
    }

    /** Opens connections for requests to come, as a proxy has kept them. */
    void keep(int connections) {
        AtomicLong left = new AtomicLong(connections);
        for (int i = 0; i < connections; i++) {
            ChannelFuture connecting = connect();
            connecting.addListener(connected -> {
                idle.push(connecting.channel());
                left.decrementAndGet();
            });
        }
        await().atMost(PATIENCE).until(() -> left.get() == 0);
    }

    /**
     * Sends requests at that rate and waits until all are answered. The answers are counted by status.
     *
     * @param requests is asked on the thread of the load, and for none that is not sent
     */
    Map<String, AtomicLong> run(Supplier<Asked> requests, int perSecond, Duration time) {
        answers.clear();
        long begin = System.nanoTime();
        AtomicLong sent = new AtomicLong();
        var ticks = loop.scheduleAtFixedRate(
                () -> {
                    long due = Math.min(System.nanoTime() - begin, time.toNanos()) * perSecond / 1_000_000_000L;
                    while (sent.get() < due) {
                        sent.incrementAndGet();
                        send(requests);
                    }
                },
                0,
                TICK.toMillis(),
                TimeUnit.MILLISECONDS);
        long all = time.toNanos() * perSecond / 1_000_000_000L;
        await().atMost(time.plus(PATIENCE)).until(() -> sent.get() >= all);
        ticks.cancel(false);
        await().atMost(PATIENCE).until(() -> underWay.get() == 0);
        return answers;
    }

    private void count(String outcome) {
        answers.computeIfAbsent(outcome, first -> new AtomicLong()).incrementAndGet();
    }

    private void send(Supplier<Asked> requests) {
        if (underWay.get() >= connectionsMax) {
            count(NOT_SENT);
            return;
        }
        underWay.incrementAndGet();
        Asked asked = requests.get();
        Channel connection = idle.poll();
        while (connection != null && !connection.isActive()) {
            connection = idle.poll();
        }
        if (connection != null) {
            write(connection, asked);
            return;
        }
        ChannelFuture connecting = connect();
        connecting.addListener(connected -> {
            if (connected.isSuccess()) {
                write(connecting.channel(), asked);
            } else {
                underWay.decrementAndGet();
                count(BROKEN);
            }
        });
    }

    private ChannelFuture connect() {
        return new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpClientCodec(), new HttpObjectAggregator(1 << 20), new Answers());
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port);
    }

    private static void write(Channel connection, Asked asked) {
        connection.pipeline().get(Answers.class).asked = asked;
        // past the codec, which has nothing to add
        connection
                .pipeline()
                .context(HttpClientCodec.class)
                .writeAndFlush(Unpooled.copiedBuffer(asked.bytes(), StandardCharsets.ISO_8859_1));
    }

    private final class Answers extends SimpleChannelInboundHandler<FullHttpResponse> {
        private Asked asked;

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse answer) {
            Asked answered = asked;
            asked = null;
            int status = answer.status().code();
            count(Integer.toString(status));
            answered.answered().accept(status, answer.content().toString(StandardCharsets.UTF_8));
            idle.push(context.channel());
            underWay.decrementAndGet();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (asked != null) {
                asked = null;
                underWay.decrementAndGet();
                count(BROKEN);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
