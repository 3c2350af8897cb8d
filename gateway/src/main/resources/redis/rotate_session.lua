-- Decides about a presented refresh token and records the decision: RotationRules.java, where the record is.
--
-- KEYS[1]  the subject's sessions in the realm
-- ARGV     realm, the session's name, presented generation, attempt id, idle ms, absolute ms, access-token ms, reuse grace ms,
--          reuse action (revoke | report), adopt until ms (0: the token was minted here), when the token was issued ms (0: not
--          known), sessions at most, when the call is given up ms (0: never), when a session was opened that is opened again if
--          it is lost ms (0: not again), what this script asked of ('' if nothing) and what is known of it (settled | gone)
-- Answer   { 'late', now ms }: the call was given up, and nothing is written
--          | { 'unheard', attempt id, its replica, handed out at ms }: the token before the newest, which was exchanged by that
--          attempt: whether its client has had the answer, or it is noted that it has not, is to be asked of that replica, and
--          then this script again; nothing is written
--          | { word, generation, rotated at ms, expires at ms, now ms, claims, ended sessions } where a token is granted: the
--          claims that changed, a JSON object or '', and the sessions that ended so that there was room for this one, of each
--          its name and the expiry of its last access token ms, with spaces between
--          | { word, generation, rotated at ms, expires at ms, now ms, expiry of the session's last access token ms (0: not
--          known) } where one is reused or revoked | { word } where it is refused otherwise.
--          Granted: rotated repeated redelivered healed recovered adopted replayed reported
--          Refused: reused revoked expired unknown, and ended: of a session that is not known, a token that was issued before
--          all sessions of its subject ended

local realm, name, presented, attempt = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local idle, absolute, access = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local given_up = tonumber(ARGV[13])
if given_up > 0 and now > given_up then return { 'late', now } end

local stored = redis.call('HMGET', KEYS[1], name, 'ended', 'claims', 'room ' .. name)
local r, ended = unpacked(stored[1]), time_of(stored[2])

-- the claims that were changed after that time, and the time of the last change
local function changes(after)
  local json, last = '', after
  for _, claim in ipairs(stored[3] and cmsgpack.unpack(stored[3]) or {}) do
    -- none is asked of an older one: see change_claims.lua
    if claim[2] > after and claim[2] >= now - absolute then
      json = json .. (json == '' and '{"' or ',"') .. claim[1] .. '":' .. claim[3]
      last = math.max(last, claim[2])
    end
  end
  return json == '' and '' or json .. '}', last
end

-- after: when the claims were made that the presented token has
local function rotate(word, after, room)
  local changed, last = changes(after)
  -- an older access token may live longer than those that are minted now
  r.gen, r.at, r.by, r.own = presented + 1, now, attempt, math.max(r.own, now + access)
  r.lost, r.handed, r.changed = nil, nil, nil
  if changed ~= '' then r.has, r.changed = last, changed end
  store(name, r)
  if stored[4] then redis.call('HDEL', KEYS[1], 'room ' .. name) end
  note_room(name, room)
  outlive(over(r, idle))
  return { word, r.gen, now, math.min(now + idle, r.ends), now, changed, room }
end

if not r then
  local adopt, issued, opened = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[14])
  if adopt == 0 and opened == 0 then return { 'unknown' } end
  -- of a token of the same second, and of one that does not say, nobody knows that it is not one of those that have ended
  if ended >= 0 and math.floor(issued / 1000) <= math.floor(ended / 1000) then return { 'ended' } end
  local from = adopt > 0 and now or opened
  local ends = from + absolute
  if now >= ends then return { 'expired' } end
  -- if one that was lost had been adopted, for how long that must be remembered is lost too
  r = { from = from, ends = ends, own = 0, keep = adopt > 0 and adopt or ends }
  local room = ''
  if adopt > 0 then
    room = make_room(name, tonumber(ARGV[12]), idle, ended)
  else
    -- nor is it known which of the others are live
    redis.call('HDEL', KEYS[1], 'live')
  end
  redis.call('HSET', KEYS[1], 'realm', realm)
  return rotate(adopt > 0 and 'adopted' or 'recovered', -1, room)
end
local expires = math.min(r.at + idle, r.ends)
local newest = presented == r.gen - 1
if r.dead == 'reuse' and presented < r.gen and attempt == r.by then
  return { 'reused', r.gen, r.at, expires, now, r.own }
end
if r.dead or r.at <= ended then return { 'revoked', r.gen, r.at, expires, now, r.own } end
if now >= expires then return { 'expired' } end
-- what the presented token was minted with is in it; the claims of a session that opens in this moment may be older
local after = r.has or r.from - 1
if presented == r.gen then return rotate('rotated', after, '') end
if presented > r.gen then return rotate('healed', after, '') end

-- an access token that is handed out late ends late: the record must outlive it
local function again(word)
  r.own = math.max(r.own, now + access)
  store(name, r)
  outlive(r.own + 60000)
  -- a token that is older yet may lack what changed before
  local changed = newest and (r.changed or '') or changes(r.from - 1)
  return { word, r.gen, r.at, expires, now, changed, newest and stored[4] or '' }
end

-- the answer may be lost as the first one was
local function hand_out(word)
  r.by, r.handed, r.lost = attempt, now, nil
  return again(word)
end

local action = ARGV[9]
if newest then
  if attempt == r.by then return hand_out('repeated') end
  if r.lost then return hand_out('redelivered') end
  if now < r.at + ARGV[8] then return again('replayed') end
  if action ~= 'report' then
    local replica, here = string.match(r.by, '^(.-)%.'), string.match(attempt, '^(.-)%.')
    local is_asked, handed = r.by == ARGV[15], math.max(r.at, r.handed or 0)
    -- where it died, nobody will note any more that its client has had no answer
    if is_asked and ARGV[16] == 'gone' then return hand_out('redelivered') end
    if not is_asked and replica and replica ~= here and now - handed < 600000 then
      return { 'unheard', r.by, replica, handed }
    end
  end
end
if action == 'report' then return again('reported') end
r.by = attempt
bury(name, r, 'reuse', presented)
return { 'reused', r.gen, r.at, expires, now, r.own }
