-- What is known of the sessions of a subject in a realm whose absolute end, or last access token, is still to come.
--
-- KEYS[1]  the subject's sessions in the realm
-- ARGV     how many at most: first those that are not revoked, and of those that end last
-- Answer   { now ms, realm or '', note of the end of all sessions or '', { what shown() says... } }

local about = redis.call('HMGET', KEYS[1], 'realm', 'ended')
local sessions, ended = {}, time_of(about[2])
each(function(name, stored)
  local r = unpacked(stored)
  if now < math.max(r.ends, r.own) then
    r.name, r.is_over = name, r.dead or r.at <= ended
    sessions[#sessions + 1] = r
  end
end)
table.sort(sessions, function(a, b)
  if not a.is_over ~= not b.is_over then return not a.is_over end
  return a.ends > b.ends or a.ends == b.ends and a.name < b.name
end)
local answer = {}
for i = 1, math.min(#sessions, ARGV[1]) do answer[i] = shown(sessions[i].name, sessions[i]) end
return { now, about[1] or '', about[2] or '', answer }
