package io.portcullis.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientNetworkTest {
    private static ClientNetwork network(String address, int prefix) throws UnknownHostException {
        return ClientNetwork.of(InetAddress.getByName(address), prefix);
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:1::1, 2001:db8:0:1:ffff:ffff:ffff:ffff, 64",
        "2001:db8:0:1::1, 2001:db8:0:1:8000::1, 64",
        "2001:db8:0:ff00::, 2001:db8:0:ffff::9, 56",
        "2001:db8::, 2001:db8:ffff::, 32",
        "8000::, ffff::, 1",
        "2001:db8::, 2001:db8:0:0:7fff::, 65",
        "2001:db8::4, 2001:db8::5, 127",
        "2001:db8::5, 2001:db8::5, 128",
        "203.0.113.7, ::ffff:203.0.113.7, 64",
        "203.0.113.7, 203.0.113.7, 1"
    })
    void addressesOfOneNetworkAreOneClient(String one, String other, int prefix) throws UnknownHostException {
        assertThat(network(one, prefix)).isEqualTo(network(other, prefix)).hasSameHashCodeAs(network(other, prefix));
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:1::1, 2001:db8:0:2::1, 64",
        "2001:db8:0:fe00::, 2001:db8:0:ff00::, 56",
        "7fff::, 8000::, 1",
        "2001:db8::, 2001:db8:0:0:8000::, 65",
        "2001:db8::4, 2001:db8::6, 127",
        "2001:db8::5, 2001:db8::4, 128",
        "203.0.113.7, 203.0.113.8, 64",
        "203.0.113.7, 203.0.113.8, 1",
        "0.0.0.0, ::, 64",
        "203.0.113.7, ::cb00:7107, 128"
    })
    void addressesOfTwoNetworksAreTwo(String one, String other, int prefix) throws UnknownHostException {
        assertThat(network(one, prefix)).isNotEqualTo(network(other, prefix));
    }

    @Test
    void clientsWithoutAnAddressAreOneAndNobodyElse() throws UnknownHostException {
        assertThat(ClientNetwork.of(null, 64))
                .isEqualTo(ClientNetwork.of(null, 64))
                .isNotEqualTo(network("0.0.0.0", 64))
                .isNotEqualTo(network("::", 64));
    }
}
