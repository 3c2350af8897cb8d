package io.portcullis.leaks;

import io.portcullis.session.LostSession;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.util.unit.DataSize;

/** Makes a record of any type of ours, with a mark in one of its components. */
final class MarkedRecords {
    /** As long as the longest text whose shape is asked for: a session's id. */
    static final String MARK = "S3CRET-S3CRET-S3CRET-S3CRET-S3CRET-S3CRET-01";

    private static final String NO_SECRET = "ordinary-text-0123456789-ordinary-text-01234";
    private static final int HASH_LENGTH = 22;

    private MarkedRecords() {}

    static Record make(Class<?> type, String marked) {
        if (type == SessionRef.class) {
            // its parts depend on each other
            String subject = marked.equals("subject") ? MARK : NO_SECRET;
            String realm = marked.equals("realm") ? MARK : NO_SECRET;
            return new SessionRef(realm, subject, SessionId.random(realm, subject));
        }
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            String text = components[i].getName().equals(marked) ? MARK : NO_SECRET;
            values[i] = value(components[i].getGenericType(), text);
        }
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            canonical.setAccessible(true);
            return (Record) canonical.newInstance(shaped(type, values));
        } catch (InvocationTargetException e) {
            throw new AssertionError("cannot make a " + type, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** Hashes have a length of their own. */
    private static Object[] shaped(Class<?> type, Object[] values) {
        return type.getSimpleName().endsWith("Hash")
                ? new Object[] {((String) values[0]).substring(0, HASH_LENGTH)}
                : values;
    }

    private static @Nullable Object value(Type type, String text) {
        if (type instanceof ParameterizedType parameterized) {
            return value((Class<?>) parameterized.getRawType(), parameterized.getActualTypeArguments(), text);
        }
        return type instanceof Class<?> plain ? value(plain, new Type[0], text) : text;
    }

    private static @Nullable Object value(Class<?> type, Type[] arguments, String text) {
        if (type == String.class || type == Object.class || type == CharSequence.class) {
            return text;
        } else if (type == byte[].class) {
            return text.getBytes(StandardCharsets.UTF_8);
        } else if (type == ByteBuffer.class) {
            return StandardCharsets.UTF_8.encode(text);
        } else if (type == List.class) {
            Object one = value(arguments[0], text);
            return one == null ? List.of() : List.of(one);
        } else if (type == Set.class) {
            return Set.of(value(arguments[0], text));
        } else if (type == Map.class) {
            Object one = value(arguments[1], text);
            // what something goes by is a name
            return one == null ? Map.of() : Map.of(value(arguments[0], NO_SECRET), one);
        } else if (type == Optional.class) {
            return Optional.ofNullable(value(arguments[0], text));
        } else if (type.isPrimitive()) {
            return one(type);
        } else if (type == Long.class) {
            return 1L;
        } else if (type == Duration.class) {
            return Duration.ofMinutes(1);
        } else if (type == Instant.class) {
            return Instant.EPOCH;
        } else if (type == DataSize.class) {
            return DataSize.ofKilobytes(1);
        } else if (type == HttpHeaders.class) {
            HttpHeaders headers = new HttpHeaders();
            headers.add(text, text);
            return headers;
        } else if (type == Throwable.class) {
            return new IllegalStateException();
        } else if (type.isEnum()) {
            return type.getEnumConstants()[0];
        } else if (type == LostSession.class) {
            // a token that is adopted is of no session that was lost
            return null;
        } else if (type.isRecord()) {
            // it is looked at by itself
            return make(type, "");
        } else if (type.isSealed()) {
            return value(type.getPermittedSubclasses()[0], arguments, text);
        }
        return type.isInterface() ? nothing(type) : null;
    }

    private static Object one(Class<?> primitive) {
        if (primitive == boolean.class) {
            return true;
        }
        Object array = Array.newInstance(primitive, 1);
        if (primitive != double.class && primitive != float.class) {
            Array.setByte(array, 0, (byte) 1);
        }
        return Array.get(array, 0);
    }

    /** One that says nothing but its name. */
    private static Object nothing(Class<?> type) {
        return Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "toString" -> type.getSimpleName();
                    case "hashCode" -> 1;
                    case "equals" -> proxy == arguments[0];
                    default -> null;
                });
    }
}
