package io.portcullis;

import io.portcullis.redis.RedisFailover;
import io.portcullis.redis.RedisSentinels;

/** A master with two replicas, and three Sentinels that watch them. */
class SentinelFailoverIT extends FailoverContract {
    @Override
    RedisFailover redis() {
        return RedisSentinels.start();
    }
}
