-- Claims a backend's refresh token for one claimant, who is to ask the backends about it. A claim that is neither
-- completed nor given back leaves by itself. Sent twice, it answers twice the same.
--
-- KEYS[1]  the token's adoption (hash; fields: see RedisAdoptions)
-- ARGV     claimant, lease ms
-- Answer   { 'claimed' } | { 'busy' } (another claimant has it) | { 'adopted', sealed text }

local a = redis.call('HMGET', KEYS[1], 'v', 'by', 'sealed')
if a[1] and a[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. a[1] .. ' is not known here') end
if a[3] then return { 'adopted', a[3] } end
if a[1] and a[2] ~= ARGV[1] then return { 'busy' } end
redis.call('HSET', KEYS[1], 'v', 1, 'by', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { 'claimed' }
