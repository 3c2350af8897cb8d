-- Part of open_session.lua and rotate_session.lua, which add a session: forgets those that are over, each time that their
-- number may have doubled, and where a subject may have only so many, ends the oldest. One that has ended in another way does
-- not count.
--
-- max      sessions at most; 0 is any number
-- ended    when all sessions were ended that there were then ms
-- Answer   the sessions that ended: of each its name and the expiry of its last access token ms, with spaces between

local function make_room(max, idle, ended)
  if max == 0 and redis.call('HLEN', KEYS[1]) < 16 + 2 * (redis.call('HGET', KEYS[1], 'seen') or 0) then return '' end
  local live, gone, seen = {}, {}, 0
  each(function(name, stored)
    -- any number may have one that is not readable here
    local r = max == 0 and readable(stored) or max > 0 and unpacked(stored)
    if r and now > over(r, idle) then
      gone[#gone + 1] = name
    else
      seen = seen + 1
      if max > 0 and not r.dead and r.at > ended and now < math.min(r.at + idle, r.ends) then
        r.name = name
        live[#live + 1] = r
      end
    end
  end)
  for _, name in ipairs(gone) do redis.call('HDEL', KEYS[1], name, 'room ' .. name) end
  if max == 0 then
    redis.call('HSET', KEYS[1], 'seen', seen)
    return ''
  end
  table.sort(live, function(a, b)
    return a.ends < b.ends or a.ends == b.ends and a.name < b.name
  end)
  local room = {}
  for i = 1, #live - max + 1 do
    local r = live[i]
    bury(r.name, r, 'limit', r.gen)
    room[i] = r.name .. ' ' .. r.own
  end
  return table.concat(room, ' ')
end

-- notes which sessions ended so that there was room for that one, as long as its first token is the newest
local function note_room(name, room)
  if room ~= '' then redis.call('HSET', KEYS[1], 'room ' .. name, room) end
end
