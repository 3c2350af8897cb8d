package io.portcullis.soak;

import io.portcullis.session.Rotation;
import io.portcullis.session.SessionId;
import io.portcullis.session.SessionRef;
import io.portcullis.session.SessionStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import reactor.core.publisher.Mono;

/** Sees what a gateway's store answers, and when: of a request whose connection broke its client knows nothing. */
final class StoreWitness implements BeanPostProcessor {
    /** What the store answered, in the end, when it was asked for the successor of a token. */
    record Answered(Object outcome, long at) {}

    private final Map<String, Answered> answered = new ConcurrentHashMap<>();
    private final Set<String> notEnded = ConcurrentHashMap.newKeySet();

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof SessionStore store
                ? Proxy.newProxyInstance(
                        SessionStore.class.getClassLoader(),
                        new Class<?>[] {SessionStore.class},
                        (proxy, method, arguments) -> call(store, method, arguments))
                : bean;
    }

    private Object call(SessionStore store, Method method, Object[] arguments) throws Throwable {
        Object result;
        try {
            result = method.invoke(store, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (method.getName().equals("rotate")) {
            Rotation rotation = (Rotation) arguments[0];
            String token = key(rotation.session().id().value(), rotation.presented());
            return ((Mono<?>) result)
                    .doOnNext(outcome -> answered.put(token, new Answered(outcome, System.nanoTime())));
        }
        if (method.getName().equals("revoke")) {
            String session =
                    arguments[0] instanceof SessionRef ref ? ref.id().value() : ((SessionId) arguments[0]).value();
            return ((Mono<?>) result).doOnError(e -> notEnded.add(session));
        }
        return result;
    }

    private static String key(String session, long generation) {
        return session + " " + generation;
    }

    /** Whether the store answered for that token between the two times. */
    boolean hasAnswered(String session, long generation, long from, long until) {
        Answered last = answered.get(key(session, generation));
        return last != null && last.at() >= from && last.at() <= until;
    }

    /** The last answer for that token; null if there was none. */
    @Nullable
    Answered lastAnswer(String session, long generation) {
        return answered.get(key(session, generation));
    }

    /** Whether the gateway could not have the session ended when it was asked to. */
    boolean hasNotEnded(String session) {
        return notEnded.contains(session);
    }
}
