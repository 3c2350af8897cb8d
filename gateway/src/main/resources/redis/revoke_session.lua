-- Ends a session: its record becomes a tombstone and keeps its expiry, which is past that of its last token. Sent twice, it
-- answers twice the same.
--
-- KEYS[1]  the session's record (hash; fields: see RedisSessionStore)
-- KEYS[2]  the index of the subject's sessions in the realm (zset: session id -> absolute end, negative once revoked)
-- KEYS[3]  the end of the subject's sessions in the realm (string: ms, reason and attempt id; see revoke_subject.lua)
-- ARGV     realm, subject hash, session id, reason, attempt id, how long the end of a session is remembered that has no record
--          ms (0: not at all)
-- Answer   { 'revoked' | 'already', expiry of its last access token ms (0: not known) } | { 'unknown' }

local r = redis.call('HMGET', KEYS[1], 'realm', 'gen', 'dead', 'v', 'sub', 'own', 'end', 'by', 'at')
if r[4] and r[4] ~= '1' then return redis.error_reply('FORMAT record format ' .. r[4] .. ' is not known here') end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if not r[4] and tonumber(ARGV[6]) > 0 then
  -- it was lost, and is not to be opened again
  redis.call('HSET', KEYS[1], 'v', 1, 'realm', ARGV[1], 'sub', ARGV[2], 'gen', 0, 'at', now, 'from', now,
    'end', now + ARGV[6], 'dead', ARGV[4], 'dead_at', now, 'dead_gen', 0, 'by', ARGV[5])
  redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[6]) + 60000)
  return { 'revoked', 0 }
end
if r[1] ~= ARGV[1] or r[5] ~= ARGV[2] then return { 'unknown' } end
local own = tonumber(r[6] or 0)
if r[3] == ARGV[4] and r[8] == ARGV[5] then return { 'revoked', own } end
local ended = tonumber(string.match(redis.call('GET', KEYS[3]) or '-1', '^%S+'))
if r[3] or tonumber(r[9]) <= ended then return { 'already', own } end
redis.call('HSET', KEYS[1], 'dead', ARGV[4], 'dead_at', now, 'dead_gen', r[2], 'by', ARGV[5])
redis.call('ZADD', KEYS[2], 'XX', -r[7], ARGV[3])
return { 'revoked', own }
