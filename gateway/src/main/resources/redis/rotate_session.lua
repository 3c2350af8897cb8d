-- Decides about a presented refresh token and records the decision: RotationRules.java, where the record is.
--
-- KEYS[1]  the session's record (hash; fields: see RedisSessionStore)
-- KEYS[2]  the index of the subject's sessions in the realm (zset: session id -> absolute end)
-- KEYS[3]  the end of the subject's sessions in the realm (string: ms; see revoke_subject.lua)
-- ARGV     realm, subject hash, session id, presented generation, attempt id, idle ms, absolute ms, access-token ms,
--          reuse grace ms, reuse action (revoke | report), adopt until ms (0: the token was minted here)
-- Answer   { word, generation, rotated at ms, expires at ms, now ms, expiry of the login's own access token ms (0: not
--          later than others) }; the numbers only where a token is granted, reused or revoked, the fifth where one comes
--          back, the last where it is refused.
--          Granted: rotated repeated redelivered healed adopted replayed reported
--          Refused: reused revoked expired unknown mismatched

local realm, subject, sid, presented, attempt = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local idle, absolute, access = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local grace, action, adopt = tonumber(ARGV[9]), ARGV[10], tonumber(ARGV[11])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local r = redis.call('HMGET', KEYS[1], 'v', 'realm', 'gen', 'at', 'by', 'end', 'lost', 'dead', 'keep', 'sub', 'own')
if r[1] and r[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. r[1] .. ' is not known here') end

local current, at, ends = tonumber(r[3]), tonumber(r[4]), tonumber(r[6])
local keep, own = tonumber(r[9] or 0), tonumber(r[11] or 0)
local ended = tonumber(redis.call('GET', KEYS[3]) or -1)

local function rotate(word)
  local expires = math.min(now + idle, ends)
  redis.call('HSET', KEYS[1], 'gen', presented + 1, 'at', now, 'by', attempt)
  if r[7] then redis.call('HDEL', KEYS[1], 'lost') end
  redis.call('PEXPIREAT', KEYS[1], math.max(expires, now + access, keep, own) + 60000)
  return { word, presented + 1, now, expires }
end

if not r[1] then
  if adopt == 0 then return { 'unknown' } end
  ends, keep = now + absolute, adopt
  redis.call('HSET', KEYS[1], 'v', 1, 'realm', realm, 'sub', subject, 'from', now, 'end', ends, 'keep', keep)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  redis.call('ZADD', KEYS[2], ends, sid)
  redis.call('PEXPIRE', KEYS[2], math.max(absolute, redis.call('PTTL', KEYS[2])))
  return rotate('adopted')
end
local expires = math.min(at + idle, ends)
if r[8] == 'reuse' and presented < current and attempt == r[5] then
  return { 'reused', current, at, expires, now, own }
end
if r[8] or at <= ended then return { 'revoked', current, at, expires, now, own } end
if now >= expires then return { 'expired' } end
if r[2] ~= realm or r[10] ~= subject then return { 'mismatched' } end
if presented == current then return rotate('rotated') end
if presented > current then return rotate('healed') end

-- an access token that is handed out late ends late: the record must outlive it
local function again(word)
  if redis.call('PTTL', KEYS[1]) < access + 60000 then redis.call('PEXPIRE', KEYS[1], access + 60000) end
  return { word, current, at, expires, now }
end

if presented == current - 1 then
  if attempt == r[5] then return again('repeated') end
  if r[7] then
    redis.call('HSET', KEYS[1], 'by', attempt)
    redis.call('HDEL', KEYS[1], 'lost')
    return again('redelivered')
  end
  if now < at + grace then return again('replayed') end
end
if action == 'report' then return again('reported') end
redis.call('HSET', KEYS[1], 'dead', 'reuse', 'dead_at', now, 'dead_gen', presented, 'by', attempt)
return { 'reused', current, at, expires, now, own }
