-- Decides about a presented refresh token and records the decision: RotationRules.java, where the record is.
--
-- KEYS[1]  the session's record (hash; fields: see RedisSessionStore)
-- KEYS[2]  the index of the subject's sessions in the realm (zset: session id -> absolute end, negative once revoked)
-- KEYS[3]  the end of the subject's sessions in the realm (string: ms, reason and attempt id; see revoke_subject.lua)
-- KEYS[4]  claims of the subject in the realm that were changed (hash: name -> ms and JSON; see change_claims.lua)
-- KEYS[5]  and on: see session_limit.lua
-- ARGV     realm, subject hash, session id, presented generation, attempt id, idle ms, absolute ms, access-token ms,
--          reuse grace ms, reuse action (revoke | report), adopt until ms (0: the token was minted here), when the token
--          was issued ms (0: not known), sessions at most, when the call is given up ms (0: never), when a session was
--          opened that is opened again if it is lost ms (0: not again), what this script asked of ('' if nothing) and what is
--          known of it (settled | gone), [18] and on: see session_limit.lua
-- Answer   { 'look', session id... }: see session_limit.lua
--          | { 'late', now ms }: the call was given up, and nothing is written
--          | { 'unheard', attempt id, its replica, handed out at ms }: the token before the newest, which was exchanged by that
--          attempt: whether its client has had the answer, or it is noted that it has not, is to be asked of that replica, and
--          then this script again; nothing is written
--          | { word, generation, rotated at ms, expires at ms, now ms, claims, session ids } where a token is granted: the
--          claims that changed, a JSON object or '', and the sessions that ended so that there was room for this one, with
--          a space between them
--          | { word, generation, rotated at ms, expires at ms, now ms, expiry of the session's last access token ms (0: not
--          known) } where one is reused or revoked | { word } where it is refused otherwise.
--          Granted: rotated repeated redelivered healed recovered adopted replayed reported
--          Refused: reused revoked expired unknown mismatched, and ended: of a session that is not known, a token that was
--          issued before all sessions of its subject ended

local realm, subject, sid, presented, attempt = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local idle, absolute, access = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local grace, action, adopt, issued = tonumber(ARGV[9]), ARGV[10], tonumber(ARGV[11]), tonumber(ARGV[12])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local given_up, opened = tonumber(ARGV[14]), tonumber(ARGV[15])
if given_up > 0 and now > given_up then return { 'late', now } end

local r = redis.call('HMGET', KEYS[1], 'v', 'realm', 'gen', 'at', 'by', 'end', 'lost', 'dead', 'keep', 'sub',
  'own', 'from', 'has', 'changed', 'room', 'handed')
if r[1] and r[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. r[1] .. ' is not known here') end

local current, at, ends = tonumber(r[3]), tonumber(r[4]), tonumber(r[6])
local keep, own = tonumber(r[9] or 0), tonumber(r[11] or 0)
local ended = tonumber(string.match(redis.call('GET', KEYS[3]) or '-1', '^%S+'))

-- the claims that were changed after that time, and the time of the last change
local function changes(after)
  local json, last, noted = '', after, redis.call('HGETALL', KEYS[4])
  for i = 1, #noted, 2 do
    local changed_at, value = string.match(noted[i + 1], '^(%d+) (.*)$')
    if tonumber(changed_at) > after then
      json = json .. (json == '' and '{"' or ',"') .. noted[i] .. '":' .. value
      last = math.max(last, tonumber(changed_at))
    end
  end
  return json == '' and '' or json .. '}', last
end

-- its last access token may outlive the session, and ends with all of its subject's all the same
local function keep_in_index()
  if own > ends then
    redis.call('ZADD', KEYS[2], 'XX', own, sid)
    redis.call('PEXPIRE', KEYS[2], math.max(own - now, redis.call('PTTL', KEYS[2])))
  end
end

local function rotate(word, room)
  -- what the presented token was minted with is in it; the claims of a session that opens in this moment may be older
  local changed, last = changes(tonumber(r[13] or (r[12] or 0) - 1))
  local expires = math.min(now + idle, ends)
  -- an older access token may live longer than those that are minted now
  own = math.max(own, now + access)
  redis.call('HSET', KEYS[1], 'gen', presented + 1, 'at', now, 'by', attempt, 'own', own)
  keep_in_index()
  if r[7] then redis.call('HDEL', KEYS[1], 'lost') end
  if r[16] then redis.call('HDEL', KEYS[1], 'handed') end
  if changed ~= '' then
    redis.call('HSET', KEYS[1], 'has', last, 'changed', changed)
  elseif r[14] then
    redis.call('HDEL', KEYS[1], 'changed')
  end
  if room ~= '' then
    redis.call('HSET', KEYS[1], 'room', room)
  elseif r[15] then
    redis.call('HDEL', KEYS[1], 'room')
  end
  redis.call('PEXPIREAT', KEYS[1], math.max(expires, keep, own) + 60000)
  return { word, presented + 1, now, expires, now, changed, room }
end

if not r[1] then
  if adopt == 0 and opened == 0 then return { 'unknown' } end
  -- of a token of the same second, and of one that does not say, nobody knows that it is not one of those that have ended
  if ended >= 0 and math.floor(issued / 1000) <= math.floor(ended / 1000) then return { 'ended' } end
  local word, look, room = 'recovered', nil, ''
  if adopt > 0 then
    look, room = make_room(tonumber(ARGV[13]), 5, 18, now, idle, ended)
    if look then return look end
    word, opened, keep = 'adopted', now, adopt
  else
    -- if it had been adopted, for how long that must be remembered is lost too
    keep = opened + absolute
  end
  ends = opened + absolute
  if now >= ends then return { 'expired' } end
  redis.call('HSET', KEYS[1], 'v', 1, 'realm', realm, 'sub', subject, 'from', opened, 'end', ends, 'keep', keep)
  redis.call('ZADD', KEYS[2], ends, sid)
  redis.call('PEXPIRE', KEYS[2], math.max(ends - now, redis.call('PTTL', KEYS[2])))
  return rotate(word, room)
end
local expires = math.min(at + idle, ends)
if r[8] == 'reuse' and presented < current and attempt == r[5] then
  return { 'reused', current, at, expires, now, own }
end
local mismatched = r[2] ~= realm or r[10] ~= subject
if r[8] or at <= ended and not mismatched then return { 'revoked', current, at, expires, now, own } end
if now >= expires then return { 'expired' } end
if mismatched then return { 'mismatched' } end
if presented == current then return rotate('rotated', '') end
if presented > current then return rotate('healed', '') end

-- an access token that is handed out late ends late: the record must outlive it
local function again(word)
  if own < now + access then
    own = now + access
    redis.call('HSET', KEYS[1], 'own', own)
    keep_in_index()
  end
  if redis.call('PTTL', KEYS[1]) < access + 60000 then redis.call('PEXPIRE', KEYS[1], access + 60000) end
  -- a token that is older yet may lack what changed before
  local newest = presented == current - 1
  local changed = newest and (r[14] or '') or changes((r[12] or 0) - 1)
  return { word, current, at, expires, now, changed, newest and r[15] or '' }
end

-- the answer may be lost as the first one was
local function hand_out(word)
  redis.call('HSET', KEYS[1], 'by', attempt, 'handed', now)
  if r[7] then redis.call('HDEL', KEYS[1], 'lost') end
  return again(word)
end

if presented == current - 1 then
  if attempt == r[5] then return hand_out('repeated') end
  if r[7] then return hand_out('redelivered') end
  if now < at + grace then return again('replayed') end
  if action ~= 'report' then
    local replica, here = string.match(r[5] or '', '^(.-)%.'), string.match(attempt, '^(.-)%.')
    local is_asked, handed = r[5] == ARGV[16], math.max(at, r[16] or 0)
    -- where it died, nobody will note any more that its client has had no answer
    if is_asked and ARGV[17] == 'gone' then return hand_out('redelivered') end
    if not is_asked and replica and replica ~= here and now - handed < 600000 then
      return { 'unheard', r[5], replica, handed }
    end
  end
end
if action == 'report' then return again('reported') end
redis.call('HSET', KEYS[1], 'dead', 'reuse', 'dead_at', now, 'dead_gen', presented, 'by', attempt)
redis.call('ZADD', KEYS[2], 'XX', -ends, sid)
return { 'reused', current, at, expires, now, own }
