package io.portcullis.soak;

import io.portcullis.redis.KeptRevocations;
import io.portcullis.session.AttemptId;
import io.portcullis.session.Rotation;
import io.portcullis.session.RotationCause;
import io.portcullis.session.RotationOutcome;
import io.portcullis.session.RotationOutcome.Rotated;
import io.portcullis.session.RotationOutcome.Unknown;
import io.portcullis.session.SessionStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.test.util.ReflectionTestUtils;
import reactor.core.publisher.Mono;

/** Mistakes that somebody could make, in an otherwise right gateway. */
enum PlantedBug implements BeanPostProcessor {
    NONE {
        @Override
        Object in(Object bean) {
            return bean;
        }
    },
    /** Each sending of a rotation is an attempt of its own. */
    ATTEMPTS_FORGOTTEN {
        @Override
        Object in(Object bean) {
            if (!(bean instanceof SessionStore)) {
                return bean;
            }
            SessionStore redis = (SessionStore) ReflectionTestUtils.getField(bean, SENDINGS);
            ReflectionTestUtils.setField(
                    bean,
                    SENDINGS,
                    rotatingBy(redis, rotation -> Mono.defer(() -> redis.rotate(anotherAttempt(rotation)))));
            return bean;
        }
    },
    /** A token that is newer than the record is one that nobody knows. */
    NOTHING_HEALED {
        @Override
        Object in(Object bean) {
            return bean instanceof SessionStore store
                    ? rotatingBy(store, rotation -> store.rotate(rotation).map(PlantedBug::unlessHealed))
                    : bean;
        }
    },
    /** Nobody asks after revocations that Redis may have lost: their time never comes. */
    REVOCATIONS_NOT_REPEATED {
        @Override
        Object in(Object bean) {
            return bean instanceof KeptRevocations
                    ? new KeptRevocations(REVOCATIONS_KEPT, InstantSource.fixed(Instant.EPOCH))
                    : bean;
        }
    };

    /** The field of the store that repeats sendings. */
    private static final String SENDINGS = "store";

    private static final int REVOCATIONS_KEPT = 1_000;

    abstract Object in(Object bean);

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return in(bean);
    }

    private static Rotation anotherAttempt(Rotation rotation) {
        return new Rotation(
                rotation.session(), rotation.presented(), AttemptId.random(), rotation.policy(), rotation.adopted());
    }

    private static RotationOutcome unlessHealed(RotationOutcome outcome) {
        return outcome instanceof Rotated rotated && rotated.cause() == RotationCause.HEALED ? new Unknown() : outcome;
    }

    /** The same store with another rotation. */
    static SessionStore rotatingBy(SessionStore store, Function<Rotation, Mono<RotationOutcome>> rotate) {
        return (SessionStore) Proxy.newProxyInstance(
                SessionStore.class.getClassLoader(),
                new Class<?>[] {SessionStore.class},
                (proxy, method, arguments) -> {
                    try {
                        return method.getName().equals("rotate")
                                ? rotate.apply((Rotation) arguments[0])
                                : method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
