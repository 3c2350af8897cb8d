-- Records a new session at generation 0. Sent twice, it answers twice the same.
--
-- KEYS[1]  the subject's sessions in the realm
-- ARGV     realm, the session's name, idle ms, absolute ms, access-token ms, expiry of the login's own access token ms
--          (0: never), sessions at most, when the call is given up ms (0: never)
-- Answer   { 'late', now ms }: the call was given up, and nothing is written
--          | { 'opened', generation, rotated at ms, expires at ms, now ms, '', ended sessions }: as rotate_session.lua has it

local realm, name, idle, absolute, access = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local login, given_up = tonumber(ARGV[6]), tonumber(ARGV[8])
if given_up > 0 and now > given_up then return { 'late', now } end

local stored = redis.call('HMGET', KEYS[1], name, 'ended', 'room ' .. name)
local r = unpacked(stored[1])
if r then return { 'opened', 0, r.from, math.min(r.from + idle, r.ends), now, '', stored[3] or '' } end

local room = make_room(name, tonumber(ARGV[7]), idle, time_of(stored[2]))
local ends = now + absolute
local own = math.max(now + access, login == 0 and ends or math.min(login, ends))
r = { gen = 0, from = now, at = now, ends = ends, own = own, by = '' }
redis.call('HSET', KEYS[1], 'realm', realm)
store(name, r)
note_room(name, room)
outlive(over(r, idle))
return { 'opened', 0, now, math.min(now + idle, ends), now, '', room }
