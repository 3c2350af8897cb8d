-- Ends all sessions that a subject has in a realm by now: whichever of them is presented later is refused. No record is
-- written however many there are, and no session that Redis has not heard of slips through.
--
-- KEYS[1]  the index of the subject's sessions in the realm (zset: session id -> absolute end, negative once revoked)
-- KEYS[2]  the end of the subject's sessions in the realm (string: ms and reason)
-- ARGV     absolute ms, reason
-- Answer   { { session id... }, { session id... } }: those that the index held, first those that have ended now, then those
--          that had ended before, so that a repeated call leaves none out

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], -now, now)
local before = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(0')
local sessions = redis.call('ZRANGEBYSCORE', KEYS[1], '(0', '+inf')
for _, sid in ipairs(sessions) do
  redis.call('ZADD', KEYS[1], -redis.call('ZSCORE', KEYS[1], sid), sid)
end
-- kept until the youngest of them would have ended by itself
redis.call('SET', KEYS[2], now .. ' ' .. ARGV[2], 'PX', tonumber(ARGV[1]) + 60000)
return { sessions, before }
