-- Notes that a session's newest refresh token did not reach the client: the token before it may be used once more.
--
-- KEYS[1]  the session's record (hash; fields: see RedisSessionStore)
-- ARGV     generation of the token that did not arrive, id of the attempt that made it or handed it out, when the call is
--          given up ms (0: never)
-- Answer   { 'marked' | 'ignored' }: ignored where something else has happened to the session since
--          | { 'late', now ms }: the call was given up, and nothing is written

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local given_up = tonumber(ARGV[3])
if given_up > 0 and now > given_up then return { 'late', now } end

local r = redis.call('HMGET', KEYS[1], 'gen', 'by', 'dead', 'v')
if r[4] and r[4] ~= '1' then return redis.error_reply('FORMAT record format ' .. r[4] .. ' is not known here') end
if r[1] ~= ARGV[1] or r[2] ~= ARGV[2] or r[3] then return { 'ignored' } end
redis.call('HSET', KEYS[1], 'lost', 1)
return { 'marked' }
