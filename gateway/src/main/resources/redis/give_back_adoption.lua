-- Gives a claim back: whoever presents the token next may ask the backends.
--
-- KEYS[1]  the token's adoption (hash; fields: see RedisAdoptions)
-- ARGV     claimant
-- Answer   'given back' | 'ignored' (it is not this claimant's, or completed)

local a = redis.call('HMGET', KEYS[1], 'v', 'by', 'sealed')
if a[1] and a[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. a[1] .. ' is not known here') end
if a[2] ~= ARGV[1] or a[3] then return 'ignored' end
redis.call('DEL', KEYS[1])
return 'given back'
