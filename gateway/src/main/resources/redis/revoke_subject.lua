-- Ends all sessions that a subject has in a realm by now: whichever of them is presented later is refused. One note says so,
-- however many there are, and no session that Redis has not heard of slips through. Sent twice, it answers twice the same, and
-- ends nothing that was opened in between. Where it was asked for some time ago, it ends what had been opened by then or was
-- adopted since, and that by a tombstone each, since it may have been rotated in between.
--
-- KEYS[1]  the subject's sessions in the realm; the note is: as of when ms, reason, attempt id, and when the sessions were ended
--          that another attempt had ended before ms (-1: none)
-- ARGV     realm, absolute ms, reason, attempt id, how long ago it was asked for ms (0: now), when the call is given up ms
--          (0: never)
-- Answer   { 'late', now ms }: the call was given up, and nothing is written
--          | { 'ended', { name, expiry of its last access token ms... }, { the same... } }: first those that this attempt has
--          ended, then those that had ended before; what was opened after it was asked for is in neither

local realm, absolute, reason, attempt = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local ago, given_up = tonumber(ARGV[5]), tonumber(ARGV[6])
if given_up > 0 and now > given_up then return { 'late', now } end

local asked, note = now - ago, redis.call('HGET', KEYS[1], 'ended')
local noted, by, earlier = time_of(note), string.match(note or '', '^%S+ %S+ (%S+) (%S+)$')
local again = by == attempt
local before = again and tonumber(earlier) or noted

-- whether it is one of those that this attempt ends or has ended; nil where it is neither that nor had ended before
local function ends(name, r)
  if r.dead then return r.by == attempt and r.dead == reason end
  if r.at <= before then return false end
  if again then return r.at <= noted or nil end
  -- the token that one was adopted of may be older
  if ago > 0 and not r.keep and r.from > asked then return nil end
  -- it was rotated since, or by a clock that was ahead of this one
  if ago > 0 or r.at > asked then
    r.by = attempt
    bury(name, r, reason, r.gen)
  end
  return true
end

local sessions, others = {}, {}
each(function(name, stored)
  local r = readable(stored)
  -- a newer gateway that reads it will read the note
  local is_ended = before < 0
  if r then is_ended = ends(name, r) end
  local to = is_ended and sessions or others
  if is_ended ~= nil and (not r or now < math.max(r.ends, r.own)) then
    to[#to + 1] = name
    to[#to + 1] = r and r.own or 0
  end
end)
-- one that was asked for later has ended the same ones, and more
if not again and asked > noted then
  redis.call('HSET', KEYS[1], 'realm', realm, 'ended', table.concat({ asked, reason, attempt, noted }, ' '))
end
-- kept until the youngest of them would have ended by itself
outlive(now + absolute + 60000)
return { 'ended', sessions, others }
