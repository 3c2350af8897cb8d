package io.portcullis.operations;

import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.portcullis.limit.Admission;
import io.portcullis.limit.Admission.TooMany;
import io.portcullis.limit.ClientNetwork;
import io.portcullis.limit.Limiter;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * How often a wrong password may be tried from a client's network, and for an operator's name, whoever tries. One that was right
 * does not count. Each replica counts for itself, in memory.
 */
public final class OperatorAttempts {
    /** No operator has a longer one. */
    private static final int NAME_LENGTH_MAX = 64;

    private final Limiter<ClientNetwork> networks;
    private final Limiter<String> names;
    private final int ipv6Prefix;
    private final Counter ofAddress;
    private final Counter ofName;
    private final Counter ofAll;

    /**
     * Nobody has tried yet.
     *
     * @param perMinute wrong passwords of an address, and for a name, in the long run, positive
     * @param burst of them at once
     * @param ipv6Prefix bits of an IPv6 address that are one client's
     * @param tracked how many addresses, and how many names, are counted each for itself
     */
    public OperatorAttempts(int perMinute, int burst, int ipv6Prefix, int tracked, MeterRegistry registry) {
        this.networks = limiter(perMinute, burst, tracked);
        this.names = limiter(perMinute, burst, tracked);
        this.ipv6Prefix = ipv6Prefix;
        this.ofAddress = counter(registry, "address");
        this.ofName = counter(registry, "name");
        this.ofAll = counter(registry, "all");
    }

    private static <K> Limiter<K> limiter(int perMinute, int burst, int tracked) {
        return new Limiter<>(perMinute, burst, tracked, () -> {}, Ticker.systemTicker(), Scheduler.systemScheduler());
    }

    private static Counter counter(MeterRegistry registry, String kind) {
        return registry.counter("portcullis.operators.limited", "kind", kind);
    }

    /** Before a password is looked at. */
    Admission admit(@Nullable InetAddress client, String name) {
        Admission byAddress = networks.admit(ClientNetwork.of(client, ipv6Prefix));
        if (byAddress instanceof TooMany) {
            ofAddress.increment();
            return byAddress;
        }
        Admission byName = names.admit(known(name));
        if (byName instanceof TooMany) {
            ofName.increment();
        }
        return byName;
    }

    /** The password was right. */
    void right(@Nullable InetAddress client, String name) {
        networks.giveBack(ClientNetwork.of(client, ipv6Prefix));
        names.giveBack(known(name));
    }

    /** More are waiting for their password to be looked at than may. */
    void tooManyAtOnce() {
        ofAll.increment();
    }

    private static String known(String name) {
        return name.length() > NAME_LENGTH_MAX ? "" : name;
    }
}
