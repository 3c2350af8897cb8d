package io.portcullis.edge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedNodeTest {
    @ParameterizedTest
    @CsvSource({
        "1.2.3.4, 1.2.3.4",
        "1.2.3.4:5678, 1.2.3.4",
        "1.2.3.4:_port, 1.2.3.4",
        "2001:db8::1, 2001:db8::1",
        "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "[2001:db8::1], 2001:db8::1",
        "[2001:db8::1]:443, 2001:db8::1",
        "::ffff:1.2.3.4, 1.2.3.4",
        "[::ffff:102:304]:80, 1.2.3.4",
        "::1, ::1"
    })
    void addressIsReadWithoutItsPort(String node, String address) {
        assertThat(ForwardedNode.text(requireNonNull(ForwardedNode.address(node))))
                .isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unknown",
                "_hidden",
                "_SEVKISEK",
                "localhost",
                "a.example",
                "1.2.3",
                "1.2.3.256",
                "1.2.3.4.5",
                "1.2.3.4:",
                "1.2.3.4:123456",
                "1.2.3.4:http",
                "1.2.3.4 5",
                "0x7f000001",
                "2130706433",
                "[2001:db8::1",
                "2001:db8::1]",
                "[1.2.3.4]",
                "2001:db8::1::2",
                "fe80::1%eth0",
                "[fe80::1%25eth0]",
                "\"1.2.3.4\"",
                "1.2.3.4\u0000",
                "１.2.3.4"
            })
    void anythingElseIsNoAddress(String node) {
        assertThat(ForwardedNode.address(node)).isNull();
    }
}
