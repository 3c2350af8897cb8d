-- The hand-written peers' rotation: the shortest script that recognises reuse of any age. It has no index of a subject's
-- sessions, no grace, no change of claims and no second attempt: in the peers' favour.
--
-- KEYS[1]  the session's record (hash: gen; dead once a used token came back)
-- ARGV     presented generation, idle ms
-- Answer   the new generation; 0 where the token is refused

local record = redis.call('HMGET', KEYS[1], 'gen', 'dead')
if not record[1] or record[2] then return 0 end
local presented = tonumber(ARGV[1])
if presented ~= tonumber(record[1]) then
  redis.call('HSET', KEYS[1], 'dead', 'reuse')
  return 0
end
redis.call('HSET', KEYS[1], 'gen', presented + 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return presented + 1
