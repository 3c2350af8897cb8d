-- Announces revoked sessions to all replicas. Announced twice, a session is revoked no more than once.
--
-- KEYS[1]  the announcements (stream; an entry has sid, realm, and until: the ms after which no access token lives)
-- ARGV     how many announcements are kept at least, how long an access token can live ms; then for each session its id,
--          its realm, and when its last access token expires ms (0: not known)
-- Answer   'announced'

local kept, access = ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local last = now
for i = 3, #ARGV, 3 do
  local ends = math.max(now + access, tonumber(ARGV[i + 2]))
  last = math.max(last, ends)
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', kept, '*', 'sid', ARGV[i], 'realm', ARGV[i + 1], 'until', ends)
end
redis.call('PEXPIRE', KEYS[1], math.max(last - now + 60000, redis.call('PTTL', KEYS[1])))
return 'announced'
