package io.portcullis.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.Optional;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;

/** Another client's configuration, with other resources. */
record WithResources(LettuceClientConfiguration other, ClientResources resources)
        implements LettuceClientConfiguration {

    @Override
    public Optional<ClientResources> getClientResources() {
        return Optional.of(resources);
    }

    @Override
    public boolean isUseSsl() {
        return other.isUseSsl();
    }

    @Override
    @SuppressWarnings("deprecation")
    public boolean isVerifyPeer() {
        return other.isVerifyPeer();
    }

    @Override
    public SslVerifyMode getVerifyMode() {
        return other.getVerifyMode();
    }

    @Override
    public boolean isStartTls() {
        return other.isStartTls();
    }

    @Override
    public Optional<ClientOptions> getClientOptions() {
        return other.getClientOptions();
    }

    @Override
    public Optional<String> getClientName() {
        return other.getClientName();
    }

    @Override
    public Optional<ReadFrom> getReadFrom() {
        return other.getReadFrom();
    }

    @Override
    public Optional<RedisCredentialsProviderFactory> getRedisCredentialsProviderFactory() {
        return other.getRedisCredentialsProviderFactory();
    }

    @Override
    public Duration getCommandTimeout() {
        return other.getCommandTimeout();
    }

    @Override
    public Duration getShutdownTimeout() {
        return other.getShutdownTimeout();
    }

    @Override
    public Duration getShutdownQuietPeriod() {
        return other.getShutdownQuietPeriod();
    }
}
