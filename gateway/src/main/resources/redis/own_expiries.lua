-- Reads until when the access tokens of sessions live.
--
-- KEYS     the sessions' records (hash; fields: see RedisSessionStore)
-- Answer   for each session that expiry ms (0: not known)

local own = {}
for i, key in ipairs(KEYS) do
  -- one that is no record must not keep the others from being announced
  own[i] = tonumber(redis.pcall('HGET', key, 'own')) or 0
end
return own
