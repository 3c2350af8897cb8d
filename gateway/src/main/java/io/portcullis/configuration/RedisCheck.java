package io.portcullis.configuration;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What must be true of Redis' address, whichever of Spring Boot's properties say it: it is one, and nobody else is let in there. */
final class RedisCheck {
    private static final String URL = "spring.data.redis.url";
    private static final String HOST = "spring.data.redis.host";
    private static final String PASSWORD = "spring.data.redis.password";
    private static final String SENTINEL_MASTER = "spring.data.redis.sentinel.master";
    private static final String SENTINEL_NODES = "spring.data.redis.sentinel.nodes";
    private static final String CLUSTER_NODES = "spring.data.redis.cluster.nodes";
    private static final String ALLOW = "portcullis.store.allow-unauthenticated";

    private final PropertyLookup properties;

    RedisCheck(PropertyLookup properties) {
        this.properties = properties;
    }

    /** @param problems what is wrong goes there, a sentence each */
    void check(List<String> problems) {
        boolean hasMaster = properties.value(SENTINEL_MASTER) != null;
        List<String> sentinels = properties.list(SENTINEL_NODES);
        if (hasMaster == sentinels.isEmpty()) {
            String set = hasMaster ? SENTINEL_MASTER : SENTINEL_NODES;
            problems.add(properties.named(set) + ": is set, and " + (hasMaster ? SENTINEL_NODES : SENTINEL_MASTER)
                    + " is not; Sentinel needs both");
        }
        List<String> elsewhere = new ArrayList<>(sentinels);
        elsewhere.addAll(properties.list(CLUSTER_NODES));
        String host = properties.value(HOST);
        String url = properties.value(URL);
        if (url == null) {
            if (host != null) {
                elsewhere.add(host);
            }
            if (elsewhere.isEmpty() && !hasMaster) {
                problems.add("SPRING_DATA_REDIS_URL (spring.data.redis.url): is not set, e.g. redis://127.0.0.1:6379");
            }
            checkPassword(elsewhere, properties.value(PASSWORD), hasMaster ? SENTINEL_NODES : named(host), problems);
            return;
        }
        URI uri = usable(url);
        if (uri == null) {
            // the value may hold a password
            problems.add(properties.named(URL)
                    + ": is not a Redis URL; redis://[[user]:password@]host[:port][/database], or rediss:// for TLS");
            return;
        }
        elsewhere.add(uri.getHost());
        // Spring Boot reads the password there and nowhere else, for Sentinel's and a Cluster's servers too
        checkPassword(elsewhere, password(uri), URL, problems);
    }

    private static String named(@Nullable String host) {
        return host == null ? CLUSTER_NODES : HOST;
    }

    private void checkPassword(List<String> nodes, @Nullable String password, String property, List<String> problems) {
        boolean isHere = nodes.stream().map(RedisCheck::host).allMatch(Loopback::is);
        if (!isHere && password == null && !"true".equalsIgnoreCase(properties.value(ALLOW))) {
            problems.add(
                    properties.named(property) + ": is on another machine, and there is no password: whoever reaches"
                            + " that Redis could revoke sessions and bring them back. Set one, or " + ALLOW + "=true");
        }
    }

    /** Of {@code host:port}. */
    private static String host(String node) {
        return node.replaceFirst(":\\d+$", "");
    }

    private static @Nullable URI usable(String url) {
        try {
            URI uri = new URI(url);
            boolean usable = ("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPort() <= 65535
                    && uri.getRawPath().matches("(/\\d*)?");
            return usable ? uri : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Without a colon all of it is the password. */
    private static @Nullable String password(URI uri) {
        String user = uri.getRawUserInfo();
        String password = user == null ? "" : user.substring(user.indexOf(':') + 1);
        return password.isEmpty() ? null : password;
    }
}
