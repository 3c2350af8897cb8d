-- Notes that a session's newest refresh token did not reach the client: the token before it may be used once more.
--
-- KEYS[1]  the subject's sessions in the realm
-- ARGV     the session's name, generation of the token that did not arrive, id of the attempt that made it or handed it out,
--          when the call is given up ms (0: never)
-- Answer   { 'marked' | 'ignored' }: ignored where something else has happened to the session since
--          | { 'late', now ms }: the call was given up, and nothing is written

local name, generation, attempt, given_up = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
if given_up > 0 and now > given_up then return { 'late', now } end

local r = unpacked(redis.call('HGET', KEYS[1], name))
if not r or r.gen ~= generation or r.by ~= attempt or r.dead then return { 'ignored' } end
r.lost = 1
store(name, r)
return { 'marked' }
