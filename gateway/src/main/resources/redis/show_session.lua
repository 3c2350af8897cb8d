-- What is known of a session.
--
-- KEYS[1]  the subject's sessions in the realm
-- ARGV     the session's name
-- Answer   { now ms, realm, note of the end of all sessions or '', what shown() says }; {} for a session that is unknown

local stored = redis.call('HMGET', KEYS[1], ARGV[1], 'realm', 'ended')
local r = unpacked(stored[1])
if not r then return {} end
return { now, stored[2], stored[3] or '', shown(ARGV[1], r) }
