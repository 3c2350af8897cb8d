package io.portcullis.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.random.RandomGenerator;

/** Makes new inputs of kept ones: pieces of others spliced in, words of a dictionary, bytes changed or written in another way. */
final class Mutator {
    private static final int CHANGES_MAX = 6;
    private static final int LENGTH_MAX = 4096;

    private final List<byte[]> inputs;
    private final List<byte[]> dictionary;

    Mutator(List<byte[]> inputs, List<byte[]> dictionary) {
        this.inputs = inputs;
        this.dictionary = dictionary;
    }

    /** One input; always the same for a random generator in the same state. */
    byte[] next(RandomGenerator random) {
        byte[] input = pick(inputs, random);
        for (int left = 1 + random.nextInt(CHANGES_MAX); left > 0; left--) {
            input = change(input, random);
        }
        return input.length > LENGTH_MAX ? slice(input, 0, LENGTH_MAX) : input;
    }

    private byte[] change(byte[] input, RandomGenerator random) {
        int from = random.nextInt(input.length + 1);
        int to = random.nextInt(3) == 0 ? from + random.nextInt(input.length - from + 1) : from;
        int next = Math.min(from + 1, input.length);
        byte[] other = pick(inputs, random);
        int otherFrom = random.nextInt(other.length + 1);
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> replaced(input, from, to, pick(dictionary, random));
            case 3 -> replaced(input, from, next, new byte[] {(byte) random.nextInt(256)});
            case 4 -> replaced(input, from, Math.min(from + 1 + random.nextInt(8), input.length), new byte[0]);
            case 5 -> replaced(input, from, from, slice(input, from, from + random.nextInt(input.length - from + 1)));
            case 6 ->
                replaced(
                        input,
                        from,
                        to,
                        slice(other, otherFrom, otherFrom + random.nextInt(other.length - otherFrom + 1)));
            case 7 -> replaced(input, from, input.length, slice(other, otherFrom, other.length));
            default -> replaced(input, from, next, respelled(slice(input, from, next), random));
        };
    }

    private static byte[] respelled(byte[] one, RandomGenerator random) {
        int b = one.length == 0 ? 0 : one[0] & 0xff;
        String spelling = switch (random.nextInt(7)) {
            case 0 -> "%%%02x".formatted(b);
            case 1 -> "%%25%02X".formatted(b);
            case 2 -> "%%u%04x".formatted(b);
            case 3 -> "\\u%04X".formatted(b);
            case 4 -> Character.toString(b ^ (1 << random.nextInt(8)));
            // the other case, where it is a letter
            case 5 -> Character.toString(b ^ 0x20);
            default -> Character.toString(b).repeat(2);
        };
        return spelling.getBytes(ISO_8859_1);
    }

    private static byte[] replaced(byte[] input, int from, int to, byte[] by) {
        byte[] result = new byte[from + by.length + input.length - to];
        System.arraycopy(input, 0, result, 0, from);
        System.arraycopy(by, 0, result, from, by.length);
        System.arraycopy(input, to, result, from + by.length, input.length - to);
        return result;
    }

    private static byte[] slice(byte[] input, int from, int to) {
        byte[] slice = new byte[to - from];
        System.arraycopy(input, from, slice, 0, slice.length);
        return slice;
    }

    private static byte[] pick(List<byte[]> from, RandomGenerator random) {
        return from.get(random.nextInt(from.size()));
    }
}
