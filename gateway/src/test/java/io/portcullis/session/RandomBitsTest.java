package io.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomBitsTest {

    @Test
    void nobodyGetsTheBitsOfAnother() throws InterruptedException {
        Set<String> names = new HashSet<>();
        // 4096 bytes are fetched at a time, of which 4 are left over
        for (int i = 0; i < 1_000; i++) {
            names.add(HexFormat.of().formatHex(RandomBits.next(12)));
        }
        Thread other = new Thread(() -> {
            for (int i = 0; i < 1_000; i++) {
                names.add(HexFormat.of().formatHex(RandomBits.next(12)));
            }
        });
        other.start();
        other.join();

        assertThat(names).hasSize(2_000).allMatch(name -> name.length() == 24);
    }
}
