package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portcullis.GatewayFixture;
import io.portcullis.RawBackend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A route that says wrongly whose sessions end, or when, would end none or too many: the gateway does not start with it. */
class EndSessionStartIT {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "dashboard,{userId},suspended;a condition is 'member=value' or 'member=value|value', not 'suspended'",
                "dashboard,{userId},status=a,b;EndSession has three arguments at most, and 'b' is a fourth"
            })
    void anArgumentThatCannotBeReadStopsTheStart(String arguments, String message) {
        String route = "spring.cloud.gateway.server.webflux.routes[0].";

        assertThatThrownBy(() -> {
                    try (GatewayFixture<RawBackend> started = GatewayFixture.beforeRawBackend(
                            route + "id=status",
                            route + "uri=no://op",
                            route + "predicates[0]=Path=/status/{userId}",
                            route + "filters[0]=EndSession=" + arguments)) {
                        started.gateway().get("/");
                    }
                })
                .hasMessageContaining("spring.cloud.gateway.server.webflux.routes: ")
                .hasMessageContaining(message);
    }
}
