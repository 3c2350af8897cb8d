package io.portcullis.operations;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import io.portcullis.leaks.PrintedLeaks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** What is logged to a logger and those below it, at every level, while this is open. */
public final class CapturedLog implements AutoCloseable {
    private final Logger logger;
    private final Level levelBefore;
    /** They would print it all. */
    private final List<Appender<ILoggingEvent>> others = new ArrayList<>();

    private final Queue<ILoggingEvent> lines = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent line) {
            lines.add(line);
            PrintedLeaks.lookAt(text(line));
        }
    };

    private CapturedLog(Logger logger) {
        this.logger = logger;
        this.levelBefore = logger.getLevel();
        logger.iteratorForAppenders().forEachRemaining(others::add);
        others.forEach(logger::detachAppender);
        appender.start();
        logger.addAppender(appender);
    }

    /** Captures at that level and above it. */
    public static CapturedLog of(String name, Level level) {
        CapturedLog log = new CapturedLog((Logger) LoggerFactory.getLogger(name));
        log.logger.setLevel(level);
        return log;
    }

    public List<ILoggingEvent> lines() {
        return List.copyOf(lines);
    }

    void clear() {
        lines.clear();
    }

    /** The key-value pairs of a line. */
    public static Map<String, Object> pairs(ILoggingEvent line) {
        Map<String, Object> pairs = new LinkedHashMap<>();
        for (KeyValuePair pair : line.getKeyValuePairs()) {
            pairs.put(pair.key, pair.value);
        }
        return pairs;
    }

    /** All that an appender could print of a line. */
    static String text(ILoggingEvent line) {
        return line.getFormattedMessage()
                + " " + line.getKeyValuePairs()
                + " " + line.getMDCPropertyMap()
                + " " + (line.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(line.getThrowableProxy()));
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        others.forEach(logger::addAppender);
        logger.setLevel(levelBefore);
    }
}
