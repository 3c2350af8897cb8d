-- Notes claims that a subject's next access tokens are to have in a realm. A claim that was noted before is replaced.
--
-- KEYS[1]  the subject's sessions in the realm; its claims are a list of { name, time ms, the value, sealed, in JSON }
-- ARGV     realm, absolute ms, claims at most, bytes of their names and values at most, name, value, name, value...
-- Answer   { 'changed', time ms } | { 'many' }: with these there would be too many, or too long ones, and nothing was noted

local absolute, most, longest = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local new, claims, bytes, at = {}, {}, 0, now
for i = 5, #ARGV, 2 do new[ARGV[i]] = ARGV[i + 1] end
local noted = redis.call('HGET', KEYS[1], 'claims')
for _, claim in ipairs(noted and cmsgpack.unpack(noted) or {}) do
  -- later than any before, in the same millisecond too: a rotation in between has the others only
  at = math.max(at, claim[2] + 1)
  -- no session is older than the absolute lifetime
  if claim[2] >= now - absolute then claims[#claims + 1] = claim end
end
for _, claim in ipairs(claims) do
  if new[claim[1]] then
    claim[2], claim[3], new[claim[1]] = at, new[claim[1]], nil
  end
end
for i = 5, #ARGV, 2 do
  if new[ARGV[i]] then claims[#claims + 1] = { ARGV[i], at, ARGV[i + 1] } end
end
for _, claim in ipairs(claims) do bytes = bytes + #claim[1] + #claim[3] end
if #claims > most or bytes > longest then return { 'many' } end
redis.call('HSET', KEYS[1], 'realm', ARGV[1], 'claims', cmsgpack.pack(claims))
outlive(now + absolute + 60000)
return { 'changed', at }
