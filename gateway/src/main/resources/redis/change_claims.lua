-- Notes claims that a subject's next access tokens are to have in a realm. A claim that was noted before is replaced.
--
-- KEYS[1]  the changed claims (hash: name -> time ms, a space, and the value, sealed, in JSON)
-- ARGV     absolute ms, claims at most, name, value, name, value...
-- Answer   { 'changed', time ms } | { 'many' }: with these there would be too many, and nothing was noted

local absolute, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local noted = redis.call('HGETALL', KEYS[1])
-- later than any before, in the same millisecond too: a rotation in between has the others only
local at, names, count = now, {}, 0
for i = 1, #noted, 2 do
  local earlier = tonumber(string.match(noted[i + 1], '^%d+'))
  at = math.max(at, earlier + 1)
  if earlier < now - absolute then
    -- no session is so old
    redis.call('HDEL', KEYS[1], noted[i])
  else
    names[noted[i]] = true
    count = count + 1
  end
end
for i = 3, #ARGV, 2 do
  if not names[ARGV[i]] then count = count + 1 end
end
if count > most then return { 'many' } end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], at .. ' ' .. ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], absolute + 60000)
return { 'changed', at }
