package io.portcullis.configuration;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Everything under {@code portcullis}.
 *
 * @param issuer `iss` of the gateway's refresh tokens; a change ends every session
 * @param clockSkew by how much the clocks of gateway, backends and Redis may differ when a token's times are checked
 * @param realms the audiences, by name
 * @param keys the files that the realms' keys are in
 * @param refresh the refresh endpoint
 * @param openSession the rewriting of login answers
 * @param endSession requests that end sessions
 * @param adoption the backends' own refresh endpoint
 * @param leaving whether the gateway is about to be taken away: no session is opened, the backends exchange their own refresh tokens, and the sessions that there are go on
 * @param store Redis
 * @param revocation how requests with access tokens of revoked sessions are turned away
 * @param connections the connections of clients
 * @param overload what is done when there is more to do than can be done
 * @param forwarded what backends are told of the client
 * @param operators who may use the endpoint `sessions` of the management port
 * @param cors which pages of other origins may read answers
 * @param events what the operator is told
 * @param webhook an address that reuses and revocations are posted to
 * @param tracing traces, by OpenTelemetry
 */
@ConfigurationProperties("portcullis")
public record PortcullisProperties(
        @DefaultValue("portcullis") String issuer,
        @DefaultValue("30s") Duration clockSkew,
        @DefaultValue Map<String, RealmProperties> realms,
        @DefaultValue KeysProperties keys,
        @DefaultValue RefreshProperties refresh,
        @DefaultValue OpenSessionProperties openSession,
        @DefaultValue EndSessionProperties endSession,
        @DefaultValue BackendRefreshProperties adoption,
        @DefaultValue("false") boolean leaving,
        @DefaultValue StoreProperties store,
        @DefaultValue @NestedConfigurationProperty RevocationProperties revocation,
        @DefaultValue ConnectionProperties connections,
        @DefaultValue OverloadProperties overload,
        @DefaultValue @NestedConfigurationProperty ForwardedProperties forwarded,
        @DefaultValue @NestedConfigurationProperty OperatorsProperties operators,
        @DefaultValue @NestedConfigurationProperty CorsProperties cors,
        @DefaultValue EventsProperties events,
        @DefaultValue @NestedConfigurationProperty WebhookProperties webhook,
        @DefaultValue @NestedConfigurationProperty TracingProperties tracing) {

    /**
     * The refresh endpoint.
     *
     * @param bodyLimit the largest request body; a larger one is answered with 413
     * @param bodyTimeout how long a request body may take to arrive; a slower one is answered with 408
     * @param limit how many requests are answered
     */
    public record RefreshProperties(
            @DefaultValue("16KB") DataSize bodyLimit,
            @DefaultValue("10s") Duration bodyTimeout,
            @DefaultValue @NestedConfigurationProperty RefreshLimitProperties limit) {}

    /**
     * The files that the realms' keys are in.
     *
     * @param pollInterval how often they are read, to see whether they have changed
     */
    public record KeysProperties(@DefaultValue("5s") Duration pollInterval) {}

    /**
     * The rewriting of login answers.
     *
     * @param bodyLimit the largest answer that is looked at; a larger one passes as it is
     */
    public record OpenSessionProperties(@DefaultValue("1MB") DataSize bodyLimit) {}

    /**
     * Requests that end sessions.
     *
     * @param bodyLimit how much of a request is read for a condition; where the backend takes a larger one, sessions end
     * @param patience how long a backend may still take to answer when its client has left
     */
    public record EndSessionProperties(
            @DefaultValue("16KB") DataSize bodyLimit,
            @DefaultValue("30s") Duration patience) {}

    /**
     * The connections of clients to the public port.
     *
     * @param idleTimeout how long nothing may be asked on one, from its beginning or the last answer's end
     * @param headTimeout how long the head of a request may take from its first byte
     * @param max how many there may be at once; 0 is any number
     * @param drainTime how long a gateway that was told to end goes on serving
     */
    public record ConnectionProperties(
            @DefaultValue("75s") Duration idleTimeout,
            @DefaultValue("10s") Duration headTimeout,
            @DefaultValue("0") int max,
            @DefaultValue("0s") Duration drainTime) {}

    /**
     * What is done when there is more to do than can be done.
     *
     * @param delayMax how long requests may wait for their turn on an event loop before some are answered with 503; zero is for as long as they like
     */
    public record OverloadProperties(@DefaultValue("300ms") Duration delayMax) {}

    /**
     * The backends' own refresh endpoint, which judges refresh tokens for realms whose adoption mode is `backend`.
     *
     * @param backendUri its whole URL
     * @param timeout how long it may take to answer
     * @param bodyLimit the largest answer
     * @param maxCalls how many requests it may be sent at once; others wait for their turn
     */
    public record BackendRefreshProperties(
            @Nullable String backendUri,
            @DefaultValue("2s") Duration timeout,
            @DefaultValue("64KB") DataSize bodyLimit,
            @DefaultValue("64") int maxCalls) {}

    /**
     * Events that are sent to consumers: reuses and revocations.
     *
     * @param streamLength how many of them the Redis stream keeps; 0 is no stream
     * @param queueSize how many may wait in memory for one consumer; more are dropped and counted
     * @param flushTimeout how long the end of the process waits for those that have not been delivered
     */
    public record EventsProperties(
            @DefaultValue("10000") int streamLength,
            @DefaultValue("10000") int queueSize,
            @DefaultValue("5s") Duration flushTimeout) {}

    /**
     * Redis.
     *
     * @param keyPrefix the start of every key's name
     * @param budget how long one answer of the store may take, repeated sendings included, before a refresh is answered with 503
     * @param commandTimeout how long one sending of a command may take
     * @param allowUnauthenticated whether Redis may be on another machine and ask for no password
     * @param recoverBefore after Redis lost sessions, when: those whose refresh token was issued before are opened again; a past time such as `2026-05-04T10:00:00Z`
     */
    public record StoreProperties(
            @DefaultValue("portcullis:") String keyPrefix,
            @DefaultValue("2s") Duration budget,
            @DefaultValue("500ms") Duration commandTimeout,
            @DefaultValue("false") boolean allowUnauthenticated,
            @Nullable Instant recoverBefore) {}
}
