-- Keeps what the backends' answer about a claimed token came to, for as long as the token may be presented.
--
-- KEYS[1]  the token's adoption (hash; fields: see RedisAdoptions)
-- ARGV     claimant, sealed text, until ms
-- Answer   'completed' | 'lost' (another claimant has the token by now)

local a = redis.call('HMGET', KEYS[1], 'v', 'by')
if a[1] and a[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. a[1] .. ' is not known here') end
-- a claim that is gone, with its lease or with a failover, is nobody else's
if a[1] and a[2] ~= ARGV[1] then return 'lost' end
redis.call('HSET', KEYS[1], 'v', 1, 'by', ARGV[1], 'sealed', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], tonumber(ARGV[3]) + 60000)
return 'completed'
