-- Ends all sessions that a subject has in a realm by now: whichever of them is presented later is refused. No record is
-- written however many there are, and no session that Redis has not heard of slips through. Sent twice, it answers twice the
-- same, and ends nothing that was opened in between.
--
-- KEYS[1]  the index of the subject's sessions in the realm (zset: session id -> absolute end, or expiry of its last
--          access token where that is later; negative once revoked, and half a ms less if the last attempt to end all did it)
-- KEYS[2]  the end of the subject's sessions in the realm (string: ms, reason and attempt id)
-- ARGV     absolute ms, reason, attempt id
-- Answer   { { session id... }, { session id... } }: those that the index held, first those that this attempt has ended, then
--          those that had ended before

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], -now, now)
local again = string.match(redis.call('GET', KEYS[2]) or '', '%S*$') == ARGV[3]
local sessions, before = {}, {}
local known = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #known, 2 do
  local sid, score = known[i], tonumber(known[i + 1])
  local marked = score % 1 ~= 0
  if marked and again then
    table.insert(sessions, sid)
  elseif score < 0 then
    if marked then redis.call('ZADD', KEYS[1], score + 0.5, sid) end
    table.insert(before, sid)
  elseif not again then
    redis.call('ZADD', KEYS[1], -score - 0.5, sid)
    table.insert(sessions, sid)
  end
end
-- kept until the youngest of them would have ended by itself
if not again then
  redis.call('SET', KEYS[2], now .. ' ' .. ARGV[2] .. ' ' .. ARGV[3], 'PX', tonumber(ARGV[1]) + 60000)
end
return { sessions, before }
