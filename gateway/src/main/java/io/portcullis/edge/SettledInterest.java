package io.portcullis.edge;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop's epoll, which is told what a connection waits for when the loop is about to wait, and only if that is something
 * else than before. Netty tells it at once, by a system call each; reactor-netty switches reading off when a message begins and on
 * again when it has been read, which is mostly the same moment. Epoll is level-triggered here: what it is not told twice it says
 * all the same.
 */
final class SettledInterest implements IoHandler {
    private static final Logger LOG = LoggerFactory.getLogger(SettledInterest.class);

    private final IoHandler epoll;
    /** Of the loop's thread only, as are registrations: Netty's channels submit there, whoever asks them to. */
    private final Queue<Registration> changed = new ArrayDeque<>();

    private SettledInterest(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory factory() {
        return factory(EpollIoHandler.newFactory());
    }

    static IoHandlerFactory factory(IoHandlerFactory epoll) {
        return loop -> new SettledInterest(epoll.newHandler(loop));
    }

    @Override
    public int run(IoHandlerContext context) {
        for (Registration next = changed.poll(); next != null; next = changed.poll()) {
            next.settle();
        }
        return epoll.run(context);
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new Registration(handle, epoll.register(handle));
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

    private final class Registration implements IoRegistration {
        private final IoHandle handle;
        private final IoRegistration registration;
        private @Nullable IoOps wanted;
        private @Nullable IoOps told;
        private boolean isChanged;

        private Registration(IoHandle handle, IoRegistration registration) {
            this.handle = handle;
            this.registration = registration;
        }

        @Override
        public long submit(IoOps ops) {
            wanted = ops;
            if (!isChanged) {
                isChanged = true;
                changed.add(this);
            }
            return ((EpollIoOps) ops).value();
        }

        private void settle() {
            isChanged = false;
            IoOps ops = wanted;
            if (ops == null || ops.equals(told)) {
                return;
            }
            told = ops;
            try {
                registration.submit(ops);
            } catch (UncheckedIOException e) {
                LOG.warn("a connection cannot be waited for, and is closed", e);
                close();
            }
        }

        /** It may fail by whatever it likes, being an {@code AutoCloseable}: the loop has others to serve. */
        private void close() {
            try {
                handle.close();
            } catch (Exception e) {
                LOG.warn("a connection cannot be closed", e);
            }
        }

        /** What it still wanted epoll does not take from one that was cancelled. */
        @Override
        public boolean cancel() {
            return registration.cancel();
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals")
        public <T> T attachment() {
            return registration.attachment();
        }

        @Override
        public boolean isValid() {
            return registration.isValid();
        }
    }
}
