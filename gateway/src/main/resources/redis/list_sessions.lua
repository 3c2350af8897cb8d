-- What is known of the sessions of a subject in a realm.
--
-- KEYS[1]  the index of the subject's sessions in the realm (zset: session id -> absolute end, negative once revoked)
-- KEYS[2]  the end of the subject's sessions in the realm (string: ms, reason and attempt id)
-- KEYS[3]  and on: the records of the sessions in the index, those that are not revoked first
-- ARGV     how many at most, then the ids of KEYS[3] and on
-- Answer   { 'look', session id... }: by the index there are others, whose records must be declared first
--          | { 'listed', now ms, that end or '', { session id, ... as show_session.lua from 'realm' on }... }

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], -now, now)
local sessions = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1)
for i, sid in ipairs(sessions) do
  if ARGV[i + 1] ~= sid then
    table.insert(sessions, 1, 'look')
    return sessions
  end
end
local answer = { 'listed', tostring(now), redis.call('GET', KEYS[2]) or '' }
for i, sid in ipairs(sessions) do
  local r = redis.call(
    'HMGET', KEYS[i + 2], 'v', 'realm', 'sub', 'gen', 'at', 'from', 'end', 'dead', 'dead_at', 'dead_gen')
  if r[1] and r[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. r[1] .. ' is not known here') end
  if r[1] then
    r[1] = sid
    -- not in each record of an earlier gateway
    r[6] = r[6] or r[5]
    if r[8] then
      r[9], r[10] = r[9] or r[5], r[10] or r[4]
    end
    for j = 2, 10 do r[j] = r[j] or '' end
    table.insert(answer, r)
  else
    redis.call('ZREM', KEYS[1], sid)
  end
end
return answer
