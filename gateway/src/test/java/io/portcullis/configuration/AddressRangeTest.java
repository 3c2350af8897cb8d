package io.portcullis.configuration;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.0.0.0/8, 9.255.255.255, false",
        "192.168.4.128/25, 192.168.4.128, true",
        "192.168.4.128/25, 192.168.4.127, false",
        "128.0.0.0/1, 200.1.1.1, true",
        "10.1.2.3, 10.1.2.3, true",
        "10.1.2.3/32, 10.1.2.2, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:DB8::/32, 2001:db9::, false",
        "::1, 0:0:0:0:0:0:0:1, true",
        "fe80::/10, fe80::1, true",
        "10.0.0.0/8, ::ffff:10.0.0.1, true",
        "10.0.0.0/8, ::10.0.0.1, false",
        "2001:db8::/32, 32.1.13.184, false"
    })
    void addressIsInTheRangeOrNot(String range, String address, boolean isIn) throws UnknownHostException {
        assertThat(requireNonNull(AddressRange.parse(range)).contains(InetAddress.getByName(address)))
                .isEqualTo(isIn);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0.0/8/8",
                "10.0.0.1/8",
                "10.0.0",
                "10.*",
                "10\\..*",
                "localhost",
                "proxy.example",
                "0.0.0.0/0",
                "::/0",
                "2001:db8::/129",
                "2001:db8::1/64",
                "[2001:db8::1]",
                "fe80::1%eth0",
                "::ffff:10.0.0.0/104",
                " 10.0.0.1",
                "10.0.0.1:80"
            })
    void anythingElseIsNoRange(String text) {
        assertThat(AddressRange.parse(text)).isNull();
    }

    @Test
    void rangeIsWhatIsEqualBelowTheMask() throws UnknownHostException {
        long seed = 20260301;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            int bytes = random.nextBoolean() ? 4 : 16;
            int prefix = 1 + random.nextInt(bytes * 8);
            BigInteger mask =
                    BigInteger.ONE.shiftLeft(bytes * 8).subtract(BigInteger.ONE.shiftLeft(bytes * 8 - prefix));
            BigInteger network = new BigInteger(bytes * 8, random).and(mask);
            BigInteger near = network.flipBit(random.nextInt(bytes * 8));

            AddressRange range = AddressRange.parse(address(network, bytes).getHostAddress() + "/" + prefix);

            assertThat(requireNonNull(range).contains(address(near, bytes)))
                    .as("seed %d, %s, %s", seed, range, near.toString(16))
                    .isEqualTo(near.and(mask).equals(network));
        }
    }

    private static InetAddress address(BigInteger value, int bytes) throws UnknownHostException {
        byte[] address = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            address[bytes - 1 - i] = value.shiftRight(8 * i).byteValue();
        }
        return InetAddress.getByAddress(address);
    }
}
