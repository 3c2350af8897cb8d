package io.portcullis;

import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes a line bad in one way after another, with good times in between, until it is closed. */
public final class RandomFaults implements AutoCloseable {
    /** What a line can suffer from. */
    public enum Fault {
        DROPPED,
        DELAYED,
        CUT_AFTER_EXECUTION,
        CUT_ON_THE_WAY,
        HALF_OPEN,
        BLACK_HOLE,
        REFUSED,
        HELD
    }

    private static final int BYTES_OF_A_COMMAND_MAX = 400;
    private static final int BYTES_OF_AN_ANSWER_MAX = 80;

    private final FaultyProxy line;
    private final Random random;
    private final int longestMillis;
    private final Map<Fault, Integer> suffered = new EnumMap<>(Fault.class);
    private final AtomicInteger begun = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private final Thread thread = new Thread(this::suffer, "random-faults");

    private RandomFaults(FaultyProxy line, Random random, Duration longest) {
        this.line = line;
        this.random = random;
        this.longestMillis = Math.toIntExact(longest.toMillis());
    }

    /**
     * Begins at once.
     *
     * @param random what happens, and for how long
     * @param longest no fault lasts longer
     */
    public static RandomFaults on(FaultyProxy line, Random random, Duration longest) {
        RandomFaults faults = new RandomFaults(line, random, longest);
        faults.thread.start();
        return faults;
    }

    /** How often the line suffered from what; to be asked after the end. */
    public Map<Fault, Integer> suffered() {
        return suffered;
    }

    /**
     * How many faults there have been until now.
     *
     * @throws IllegalStateException if there will be no more
     */
    public int count() {
        if (!thread.isAlive() && end.getCount() > 0) {
            throw new IllegalStateException("no more faults, after " + suffered);
        }
        return begun.get();
    }

    private void suffer() {
        try {
            while (!isOverAfter(random.nextInt(longestMillis))) {
                Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
                suffered.merge(fault, 1, Integer::sum);
                begin(fault);
                begun.incrementAndGet();
                boolean isOver = isOverAfter(1 + random.nextInt(longestMillis));
                heal(fault);
                if (isOver) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isOverAfter(int millis) throws InterruptedException {
        return end.await(millis, TimeUnit.MILLISECONDS);
    }

    private void begin(Fault fault) {
        End how = random.nextBoolean() ? End.RST : End.FIN;
        switch (fault) {
            case DROPPED -> line.cutNow(how);
            case DELAYED -> line.delay(Duration.ofMillis(1 + random.nextInt(1 + longestMillis / 4)));
            case CUT_AFTER_EXECUTION ->
                line.cutOnceAfter(Direction.TO_CLIENT, random.nextInt(BYTES_OF_AN_ANSWER_MAX), how);
            case CUT_ON_THE_WAY -> line.cutOnceAfter(Direction.TO_SERVER, random.nextInt(BYTES_OF_A_COMMAND_MAX), how);
            case HALF_OPEN -> line.swallowAfter(Direction.TO_CLIENT, random.nextInt(BYTES_OF_AN_ANSWER_MAX));
            case BLACK_HOLE -> line.swallowAfter(Direction.TO_SERVER, random.nextInt(BYTES_OF_A_COMMAND_MAX));
            case REFUSED -> {
                line.refuse();
                line.cutNow(End.RST);
            }
            case HELD -> {
                line.hold();
                line.cutNow(End.RST);
            }
        }
    }

    private void heal(Fault fault) {
        if (fault == Fault.HALF_OPEN || fault == Fault.BLACK_HOLE) {
            // no connection lives on with a gap in it
            line.refuse();
            line.cutNow(End.RST);
        }
        line.behave();
    }

    /** The line is good from now on. */
    @Override
    public void close() {
        end.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
