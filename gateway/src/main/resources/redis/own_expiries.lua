-- Reads until when the access tokens of sessions live that their logins brought.
--
-- KEYS     the sessions' records (hash; fields: see RedisSessionStore)
-- Answer   for each session that expiry ms (0: not later than that of other access tokens)

local own = {}
for i, key in ipairs(KEYS) do
  own[i] = tonumber(redis.call('HGET', key, 'own') or 0)
end
return own
