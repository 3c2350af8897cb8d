-- Notes claims that a subject's next access tokens are to have in a realm. A claim that was noted before is replaced.
--
-- KEYS[1]  the changed claims (hash: name -> time ms, a space, and the value, sealed, in JSON)
-- ARGV     absolute ms, claims at most, bytes of their names and values at most, name, value, name, value...
-- Answer   { 'changed', time ms } | { 'many' }: with these there would be too many, or too long ones, and nothing was noted

local absolute, most, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local noted = redis.call('HGETALL', KEYS[1])
-- later than any before, in the same millisecond too: a rotation in between has the others only
local at, kept, count, bytes = now, {}, 0, 0
for i = 1, #noted, 2 do
  local earlier = tonumber(string.match(noted[i + 1], '^%d+'))
  at = math.max(at, earlier + 1)
  if earlier < now - absolute then
    -- no session is so old
    redis.call('HDEL', KEYS[1], noted[i])
  else
    kept[noted[i]] = #noted[i] + #string.match(noted[i + 1], ' (.*)$')
    count = count + 1
    bytes = bytes + kept[noted[i]]
  end
end
for i = 4, #ARGV, 2 do
  if not kept[ARGV[i]] then count = count + 1 end
  bytes = bytes + #ARGV[i] + #ARGV[i + 1] - (kept[ARGV[i]] or 0)
end
if count > most or bytes > longest then return { 'many' } end
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], at .. ' ' .. ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], absolute + 60000)
return { 'changed', at }
