-- Records a new session at generation 0. Sent twice, it answers twice the same.
--
-- KEYS[1]  the session's record (hash; fields: see RedisSessionStore)
-- KEYS[2]  the index of the subject's sessions in the realm (zset: session id -> absolute end, negative once revoked)
-- KEYS[3]  the end of the subject's sessions in the realm (string: ms, reason and attempt id; see revoke_subject.lua)
-- KEYS[4]  and on: see session_limit.lua
-- ARGV     realm, subject hash, session id, idle ms, absolute ms, access-token ms,
--          expiry of the login's own access token ms (0: never), sessions at most, when the call is given up ms (0: never),
--          [10] and on: see session_limit.lua
-- Answer   { 'look', session id... }: see session_limit.lua
--          | { 'late', now ms }: the call was given up, and nothing is written
--          | { 'opened', generation, rotated at ms, expires at ms, now ms, '', session ids }: as rotate_session.lua has it

local realm, subject, sid = ARGV[1], ARGV[2], ARGV[3]
local idle, absolute, access = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local own = tonumber(ARGV[7])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local given_up = tonumber(ARGV[9])
if given_up > 0 and now > given_up then return { 'late', now } end

local r = redis.call('HMGET', KEYS[1], 'v', 'from', 'end', 'room')
if r[1] and r[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. r[1] .. ' is not known here') end
if r[1] then
  local from = tonumber(r[2] or r[3] - absolute)
  return { 'opened', 0, from, math.min(from + idle, tonumber(r[3])), now, '', r[4] or '' }
end

local ended = tonumber(string.match(redis.call('GET', KEYS[3]) or '-1', '^%S+'))
local look, room = make_room(tonumber(ARGV[8]), 4, 10, now, idle, ended)
if look then return look end
local ends = now + absolute
local expires = math.min(now + idle, ends)
redis.call('HSET', KEYS[1], 'v', 1, 'realm', realm, 'sub', subject, 'gen', 0, 'at', now, 'from', now, 'end', ends)
own = math.max(now + access, own == 0 and ends or math.min(own, ends))
redis.call('HSET', KEYS[1], 'own', own)
if room ~= '' then redis.call('HSET', KEYS[1], 'room', room) end
redis.call('PEXPIREAT', KEYS[1], math.max(expires, own) + 60000)
redis.call('ZADD', KEYS[2], ends, sid)
redis.call('PEXPIRE', KEYS[2], math.max(absolute, redis.call('PTTL', KEYS[2])))
return { 'opened', 0, now, expires, now, '', room }
