-- What is known of a session. Whose it is says the record, so it is asked for twice: without KEYS[2], then with it.
--
-- KEYS[1]  the session's record (hash; fields: see RedisSessionStore)
-- KEYS[2]  the end of the subject's sessions in the realm (string: ms, reason and attempt id)
-- Answer   { now ms, that end or '', realm, subject hash, generation, rotated at ms, opened at ms, absolute end ms,
--            reason, revoked at ms, generation presented }, '' where there is none; {} for a session that is unknown

local r = redis.call('HMGET', KEYS[1], 'v', 'realm', 'sub', 'gen', 'at', 'from', 'end', 'dead', 'dead_at', 'dead_gen')
if not r[1] then return {} end
if r[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. r[1] .. ' is not known here') end
-- not in each record of an earlier gateway
r[6] = r[6] or r[5]
if r[8] then
  r[9], r[10] = r[9] or r[5], r[10] or r[4]
end
local time = redis.call('TIME')
local answer = { tostring(time[1] * 1000 + math.floor(time[2] / 1000)), KEYS[2] and redis.call('GET', KEYS[2]) or '' }
for i = 2, 10 do answer[i + 1] = r[i] or '' end
return answer
