-- Says that a replica is there and until when it has settled its rotations, and answers what all of them said last.
--
-- KEYS[1]  the replicas (hash: name -> when it said this ms, and until when its rotations are settled ms; 0 where that is not
--          known, -1 where it has gone and nothing is left to settle)
-- ARGV     name, until when its rotations are settled
-- Answer   { now ms, name and what it said, with spaces between... }

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local said = { now }
-- whoever told the time before may have been ahead of this server
redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. math.min(ARGV[2], now))
local replicas = redis.call('HGETALL', KEYS[1])
for i = 1, #replicas, 2 do
  local at = tonumber(string.match(replicas[i + 1], '^(%d+) %-?%d+$'))
  if not at or now - at > 600000 then
    redis.call('HDEL', KEYS[1], replicas[i])
  elseif at <= now then
    said[#said + 1] = replicas[i] .. ' ' .. replicas[i + 1]
  end
end
redis.call('PEXPIRE', KEYS[1], 660000)
return said
