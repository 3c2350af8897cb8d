package io.portcullis.redis;

import io.portcullis.session.SessionId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What is stored of sessions, read and written past the gateway, with the functions that its scripts have. */
public final class StoredRecords {
    private static final int NAME_LENGTH = 22;
    private static final String SESSIONS = sessionsLua();
    private static final String READ = SESSIONS + """
            local r = unpacked(redis.call('HGET', KEYS[1], ARGV[1])) or {}
            local value = r[ARGV[2]] or ''
            return type(value) == 'number' and string.format('%.0f', value) or value
            """;
    private static final String WRITE = SESSIONS + """
            local r = unpacked(redis.call('HGET', KEYS[1], ARGV[1]))
            r[ARGV[2]] = tonumber(ARGV[3]) or ARGV[3] ~= '' and ARGV[3] or nil
            store(ARGV[1], r)
            return 'written'
            """;
    private static final String OF_FORMAT = """
            local values = cmsgpack.unpack(redis.call('HGET', KEYS[1], ARGV[1]))
            values[1] = tonumber(ARGV[2])
            redis.call('HSET', KEYS[1], ARGV[1], cmsgpack.pack(values))
            return 'written'
            """;
    private static final String CLAIM = """
            local claims = cmsgpack.unpack(redis.call('HGET', KEYS[1], 'claims'))
            for _, claim in ipairs(claims) do
              if claim[1] == ARGV[2] then claim[2], claim[3] = tonumber(ARGV[4]), ARGV[3] end
            end
            redis.call('HSET', KEYS[1], 'claims', cmsgpack.pack(claims))
            return 'written'
            """;
    private static final String PACK = "redis.call('HSET', KEYS[1], 'realm', ARGV[2], ARGV[1],"
            + " cmsgpack.pack(cjson.decode(ARGV[3]))) return 'written'";

    private final RedisServer redis;
    private final SessionId session;

    private StoredRecords(RedisServer redis, SessionId session) {
        this.redis = redis;
        this.session = session;
    }

    /** That of one session, at the server that has it. */
    public static StoredRecords of(RedisServer redis, String sid) {
        return new StoredRecords(redis, new SessionId(sid));
    }

    /** That of the only session under a key. */
    public static StoredRecords onlyOf(RedisServer redis, String key) {
        String name = redis.command("HKEYS", key)
                .lines()
                .filter(field -> field.length() == NAME_LENGTH)
                .findFirst()
                .orElseThrow();
        return of(redis, name + key.substring(key.length() - NAME_LENGTH));
    }

    /** The key that a session is stored under, with the others of its subject. */
    public static String key(String sid) {
        return new RedisKeys(RedisClients.KEY_PREFIX).sessions(new SessionId(sid).subject());
    }

    /** As scripts name it; empty where there is none, or no session. */
    public String get(String name) {
        return run(READ, name);
    }

    /** @param value a number is stored as one; empty takes it away */
    public void set(String name, String value) {
        written(run(WRITE, name, value));
    }

    /** As if its newest token had been made so much earlier. */
    public void ago(long millis) {
        set("at", Long.toString(Long.parseLong(get("at")) - millis));
    }

    /** As a gateway writes it that has another format. */
    public void setFormat(int format) {
        written(run(OF_FORMAT, Integer.toString(format)));
    }

    /** @param values in JSON */
    void setAll(String realm, String values) {
        written(run(PACK, realm, values));
    }

    /** As if somebody else had changed a claim that was changed before. */
    public void claim(String name, String value, String atMillis) {
        written(run(CLAIM, name, value, atMillis));
    }

    /** As if Redis had never heard of the session. */
    public void remove() {
        redis.command("HDEL", key(session.value()), session.name());
    }

    private String run(String script, String... arguments) {
        String[] command = new String[5 + arguments.length];
        command[0] = "EVAL";
        command[1] = script;
        command[2] = "1";
        command[3] = key(session.value());
        command[4] = session.name();
        System.arraycopy(arguments, 0, command, 5, arguments.length);
        return redis.command(command);
    }

    private static void written(String answer) {
        if (!answer.equals("written")) {
            throw new IllegalStateException(answer);
        }
    }

    private static String sessionsLua() {
        try (InputStream in = StoredRecords.class.getResourceAsStream("/redis/sessions.lua")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8) + '\n';
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
