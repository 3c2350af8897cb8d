-- Ends all sessions that a subject has in a realm by now: whichever of them is presented later is refused. No record is
-- written however many there are, and no session that Redis has not heard of slips through. Sent twice, it answers twice the
-- same, and ends nothing that was opened in between. Where it was asked for some time ago, it ends what had been opened by
-- then or was adopted since, and that by a tombstone each, since it may have been rotated in between.
--
-- KEYS[1]  the index of the subject's sessions in the realm (zset: session id -> absolute end, or expiry of its last
--          access token where that is later; negative once revoked, and half a ms less if the last attempt to end all did it)
-- KEYS[2]  the end of the subject's sessions in the realm (string: ms, reason and attempt id)
-- KEYS[3]  and on: the records of the sessions in the index, if it was some time ago
-- ARGV     absolute ms, reason, attempt id, how long ago it was asked for ms (0: now), when the call is given up ms
--          (0: never), then the ids of KEYS[3] and on
-- Answer   { 'look', session id... }: by the index there are others, whose records must be declared first
--          | { 'late', now ms }: the call was given up, and nothing is written
--          | { 'ended', { session id... }, { session id... } }: those that the index held, first those that this attempt has
--          ended, then those that had ended before; what was opened after it was asked for is in neither

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ago, given_up = tonumber(ARGV[4]), tonumber(ARGV[5])
if given_up > 0 and now > given_up then return { 'late', now } end

redis.call('ZREMRANGEBYSCORE', KEYS[1], -now, now)
local asked, note = now - ago, redis.call('GET', KEYS[2]) or ''
local again = string.match(note, '%S*$') == ARGV[3]
-- one that was asked for later has ended the same ones, and more
local is_last = again or asked > tonumber(string.match(note, '^%S+') or -1)
local known = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local looks = ago > 0 and not again
for i = 1, looks and #known or 0, 2 do
  if ARGV[5 + (i + 1) / 2] ~= known[i] then
    local others = { 'look' }
    for j = 1, #known, 2 do table.insert(others, known[j]) end
    return others
  end
end

-- whether that session is one of them; one whose record is not known here, or is gone, is
local function ends(record)
  if not looks then return true end
  local r = redis.call('HMGET', record, 'v', 'from', 'at', 'gen', 'keep')
  if r[1] ~= '1' then return true end
  -- the token that one was adopted of may be older
  if not r[5] and tonumber(r[2] or r[3]) > asked then return false end
  redis.call('HSET', record, 'dead', ARGV[2], 'dead_at', now, 'dead_gen', r[4], 'by', ARGV[3])
  return true
end

local sessions, before = {}, {}
for i = 1, #known, 2 do
  local sid, score = known[i], tonumber(known[i + 1])
  local marked = score % 1 ~= 0
  if marked and again then
    table.insert(sessions, sid)
  elseif score < 0 then
    if marked and is_last then redis.call('ZADD', KEYS[1], score + 0.5, sid) end
    table.insert(before, sid)
  elseif not again and ends(KEYS[2 + (i + 1) / 2]) then
    redis.call('ZADD', KEYS[1], is_last and -score - 0.5 or -score, sid)
    table.insert(sessions, sid)
  end
end
-- kept until the youngest of them would have ended by itself
if is_last and not again then
  redis.call('SET', KEYS[2], asked .. ' ' .. ARGV[2] .. ' ' .. ARGV[3], 'PX', tonumber(ARGV[1]) + 60000)
end
return { 'ended', sessions, before }
