package io.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.FaultyProxy;
import io.portcullis.FaultyProxy.Direction;
import io.portcullis.FaultyProxy.End;
import io.portcullis.GatewayFixture;
import io.portcullis.TestGateway;
import io.portcullis.Tokens;
import io.portcullis.demo.DemoBackend;
import io.portcullis.edge.RefreshClient.Answer;
import io.portcullis.edge.RefreshClient.OkHttp;
import io.portcullis.edge.RefreshClient.Stack;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Connections that die before, in and after the answer: the table 'When a connection dies' of {@code config/README.md}. */
class DyingConnectionIT {
    /** Realms with and without a grace; Redis may be frozen for longer than its commands take else. */
    @AutoClose
    private static final GatewayFixture<DemoBackend> FIXTURE = GatewayFixture.beforeDemo(
            "portcullis.realms.app.reuse.grace=1h",
            "portcullis.store.command-timeout=2s",
            "portcullis.store.budget=2500ms",
            "portcullis.refresh.body-timeout=2s");

    private static final TestGateway gateway = FIXTURE.gateway();

    @AutoClose
    private final FaultyProxy proxy = FaultyProxy.before(gateway.port());

    /** How often a token may come back. */
    private enum Mode {
        STRICT("/api/auth/login"),
        WITH_GRACE("/api/auth/local/login");

        private final String login;

        Mode(String login) {
            this.login = login;
        }
    }

    private static Stream<Arguments> everyStackEveryEndBothModes() {
        return Stream.of(Stack.values())
                .flatMap(stack -> Stream.of(End.values())
                        .flatMap(end -> Stream.of(Mode.values()).map(mode -> Arguments.of(stack, end, mode))));
    }

    /** A token of generation 1, over a connection that is kept from then on if the stack keeps it. */
    private static String begin(RefreshClient client, Mode mode) {
        return token(client.refresh(FIXTURE.login(mode.login)));
    }

    private static String token(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body()).get("refreshToken").asString();
    }

    private static void assertIsTheNewestOfGeneration(int generation, String token) {
        assertThat(Tokens.claims(token).get("gen").asInt()).isEqualTo(generation);
        assertThat(gateway.refresh(token).statusCode()).isEqualTo(200);
    }

    private static double undelivered() {
        return gateway.bean(MeterRegistry.class).find("portcullis.undelivered").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    /** New connections go to the event loops in turn: once these are answered, each has seen what the kernel had for it. */
    private static void awaitEveryEventLoop() {
        for (int i = 0; i < 20; i++) {
            RawAnswer.to(gateway.port(), "GET", "/api/me", "");
        }
    }

    @ParameterizedTest
    @MethodSource("everyStackEveryEndBothModes")
    void cutBeforeTheRequestHasArrivedNothingHasHappened(Stack stack, End end, Mode mode) {
        RefreshClient client = stack.connect(proxy.port());
        String token = begin(client, mode);

        proxy.cutOnceAfter(Direction.TO_SERVER, 20, end);
        Answer answer = client.refresh(token);

        // OkHttp says nothing of it
        assertThat(answer.status()).isEqualTo(stack == Stack.OK_HTTP ? 200 : 0);
        String successor = token(stack == Stack.OK_HTTP ? answer : client.refresh(token));
        assertIsTheNewestOfGeneration(2, successor);
    }

    @ParameterizedTest
    @MethodSource("everyStackEveryEndBothModes")
    void cutBeforeTheAnswerTheRequestThatIsSentAgainGetsIt(Stack stack, End end, Mode mode) {
        RefreshClient client = stack.connect(proxy.port());
        String token = begin(client, mode);
        double before = undelivered();

        gateway.redis().freezeWrites();
        CompletableFuture<Answer> first = CompletableFuture.supplyAsync(() -> client.refresh(token));
        gateway.redis().awaitFrozenWrite();
        // OkHttp does not overtake the news
        proxy.hold();
        proxy.cutNow(end);
        awaitEveryEventLoop();
        gateway.redis().thawWrites();
        await().atMost(Duration.ofSeconds(10)).until(() -> undelivered() > before);
        proxy.behave();
        assertThat(first.join().status()).isEqualTo(stack == Stack.OK_HTTP ? 200 : 0);
        Answer answer = stack == Stack.OK_HTTP ? first.join() : client.refresh(token);

        assertIsTheNewestOfGeneration(2, token(answer));
    }

    /** The gateway cannot tell: what it gave to the kernel is delivered. */
    @ParameterizedTest
    @MethodSource("everyStackEveryEndBothModes")
    void cutInTheAnswerTheRequestThatIsSentAgainIsASecondUse(Stack stack, End end, Mode mode) {
        for (int bytes : new int[] {0, 40, 400}) {
            RefreshClient client = stack.connect(proxy.port());
            String token = begin(client, mode);
            double before = undelivered();

            proxy.cutOnceAfter(Direction.TO_CLIENT, bytes, end);
            Answer answer = client.refresh(token);
            // OkHttp sends it again by itself, but not once it has seen the head of an answer
            boolean sentAgain = stack == Stack.OK_HTTP && bytes < 400;
            Answer second = sentAgain ? answer : client.refresh(token);

            assertThat(answer.status() == 0).isNotEqualTo(sentAgain);
            if (mode == Mode.STRICT) {
                assertThat(second.status()).isEqualTo(401);
            } else {
                assertIsTheNewestOfGeneration(2, token(second));
            }
            assertThat(undelivered()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("everyStackEveryEndBothModes")
    void cutAfterTheAnswerTheClientHasItAndASecondUseIsASecondUse(Stack stack, End end, Mode mode) {
        RefreshClient client = stack.connect(proxy.port());
        String token = begin(client, mode);

        Answer answer = client.refresh(token);
        proxy.cutNow(end);
        Answer second = stack.connect(proxy.port()).refresh(token);

        if (mode == Mode.STRICT) {
            assertThat(second.status()).isEqualTo(401);
            assertThat(stack.connect(proxy.port()).refresh(token(answer)).status())
                    .isEqualTo(401);
        } else {
            assertThat(second).isEqualTo(answer);
            assertIsTheNewestOfGeneration(2, token(answer));
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aRequestThatOkHttpSendsAgainAfter408WasNotDecidedBefore(Mode mode) {
        OkHttp client = new OkHttp(proxy.port(), status -> {
            if (status == 408) {
                proxy.behave();
            }
        });
        String first = FIXTURE.login(mode.login);
        long before = proxy.passedToServer();
        String token = token(client.refresh(first));
        long size = proxy.passedToServer() - before;

        // the end of the body does not arrive
        proxy.swallowAfter(Direction.TO_SERVER, size - 20);
        Answer answer = client.refresh(token);

        assertThat(client.statuses()).containsExactly(200, 408, 200);
        assertIsTheNewestOfGeneration(2, token(answer));
    }

    @Test
    void okHttpDoesNotSendARequestAgainThatWasAnsweredWith503() {
        OkHttp client = new OkHttp(proxy.port(), status -> {});
        String token = begin(client, Mode.STRICT);

        gateway.redis().pause();
        Answer answer = client.refresh(token);
        gateway.redis().resume();

        assertThat(answer.status()).isEqualTo(503);
        assertThat(client.statuses()).isEqualTo(List.of(200, 503));
        // and its caller, who does, has the answer that it would have had
        Answer later = await().atMost(Duration.ofMinutes(1))
                .until(() -> client.refresh(token), again -> again.status() != 503);
        assertIsTheNewestOfGeneration(2, token(later));
    }

    @ParameterizedTest
    @EnumSource(Stack.class)
    void aConnectionThatIsRefusedChangesNothing(Stack stack) {
        RefreshClient client = stack.connect(proxy.port());
        String token = FIXTURE.login();

        proxy.refuse();
        assertThat(client.refresh(token).status()).isZero();
        proxy.behave();

        assertIsTheNewestOfGeneration(1, token(client.refresh(token)));
    }
}
