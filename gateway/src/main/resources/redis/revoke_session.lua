-- Ends a session: its record becomes a tombstone, which is kept until its last token has expired. Sent twice, it answers
-- twice the same.
--
-- KEYS[1]  the subject's sessions in the realm
-- ARGV     realm, the session's name, reason, attempt id, how long the end of a session is remembered that has no record ms
--          (0: not at all)
-- Answer   { 'revoked' | 'already', expiry of its last access token ms (0: not known) } | { 'unknown' }

local realm, name, reason, attempt, remembered = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local stored = redis.call('HMGET', KEYS[1], name, 'ended')
local r, own = unpacked(stored[1]), 0
if r then
  own = r.own
  if r.dead == reason and r.by == attempt then return { 'revoked', own } end
  if r.dead or r.at <= time_of(stored[2]) then return { 'already', own } end
elseif remembered > 0 then
  -- it was lost, and is not to be opened again
  local ends = now + remembered
  r = { gen = 0, from = now, at = now, ends = ends, own = now, by = '', keep = ends }
else
  return { 'unknown' }
end
r.by = attempt
redis.call('HSET', KEYS[1], 'realm', realm)
bury(name, r, reason, r.gen)
outlive((r.keep or 0) + 60000)
return { 'revoked', own }
