-- Says that a replica is there and how far it has settled what it rotated, and answers what the others said.
--
-- KEYS[1]  the replicas (hash: name -> name, when it said this ms, and until when it has settled all rotations ms; 0 where that
--          is not known, -1 where it has gone and nothing is left to settle; with spaces between)
-- ARGV     name, until when its rotations are settled
-- Answer   { now ms, what each replica said last... }

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local said = { now }
redis.call('HSET', KEYS[1], ARGV[1], ARGV[1] .. ' ' .. now .. ' ' .. ARGV[2])
for _, one in ipairs(redis.call('HVALS', KEYS[1])) do
  local name, at = string.match(one, '^(%S+) (%d+)')
  if now - at > 600000 then
    redis.call('HDEL', KEYS[1], name)
  else
    said[#said + 1] = one
  end
end
redis.call('PEXPIRE', KEYS[1], 660000)
return said
