-- Ends all sessions that a subject has in a realm by now: whichever of them is presented later is refused. One key is
-- written however many there are, and no session that Redis has not heard of slips through.
--
-- KEYS[1]  the index of the subject's sessions in the realm (zset: session id -> absolute end)
-- KEYS[2]  the end of the subject's sessions in the realm (string: ms)
-- ARGV     absolute ms
-- Answer   the ids of the sessions that the index held

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local sessions = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
redis.call('DEL', KEYS[1])
-- kept until the youngest of them would have ended by itself
redis.call('SET', KEYS[2], now, 'PX', tonumber(ARGV[1]) + 60000)
return sessions
