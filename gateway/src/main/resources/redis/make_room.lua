-- Part of open_session.lua and rotate_session.lua, which add a session. Where a subject may have only so many, the oldest end;
-- one that has ended in another way does not count. Those that are over are forgotten, each time that there are twice as many
-- fields as when that was done last, or that the idle lifetime has passed since.
--
-- In the hash are, for this: 'seen', how many fields there were when that was done last, and when ms; and where only so many
-- are allowed 'live', the names of those that may be live.

-- answers those that remain and are not revoked
local function forget(idle)
  local gone, others = {}, {}
  each(function(name, stored)
    -- one that is not readable here ends by itself
    local r = readable(stored)
    if r and now > over(r, idle) then
      gone[#gone + 1] = name
    elseif r and not r.dead then
      others[name] = r
    end
  end)
  for _, name in ipairs(gone) do redis.call('HDEL', KEYS[1], name, 'room ' .. name) end
  redis.call('HSET', KEYS[1], 'seen', redis.call('HLEN', KEYS[1]) .. ' ' .. now)
  return others
end

local function read_all(names)
  -- 1,000 at most, as max is
  local sessions, stored = {}, redis.call('HMGET', KEYS[1], unpack(names))
  for i, name in ipairs(names) do
    sessions[name] = stored[i] and readable(stored[i]) or nil
  end
  return sessions
end

-- those of them that are live, the oldest first
local function live_ones(sessions, idle, ended)
  local live = {}
  for name, r in pairs(sessions) do
    if not r.dead and r.at > ended and now < math.min(r.at + idle, r.ends) then
      r.name = name
      live[#live + 1] = r
    end
  end
  table.sort(live, function(a, b)
    return a.ends < b.ends or a.ends == b.ends and a.name < b.name
  end)
  return live
end

-- max: sessions at most, 0 is any number; ended: when all sessions were ended that there were then ms. Answers which ended, of
-- each its name and the expiry of its last access token ms, with spaces between
local function make_room(name, max, idle, ended)
  local known = redis.call('HMGET', KEYS[1], 'seen', 'live')
  local seen, seen_at = string.match(known[1] or '0 ' .. now, '^(%d+) (%d+)$')
  local sessions
  if redis.call('HLEN', KEYS[1]) >= 6 + 2 * seen or now - seen_at > idle or max > 0 and not known[2] then
    sessions = forget(idle)
  end
  if max == 0 then
    if known[2] then redis.call('HDEL', KEYS[1], 'live') end
    return ''
  end
  if not sessions then
    local names = {}
    for one in string.gmatch(known[2], '%S+') do names[#names + 1] = one end
    sessions = read_all(names)
  end
  local live, room, left = live_ones(sessions, idle, ended), {}, { name }
  for i, r in ipairs(live) do
    if i <= #live - max + 1 then
      bury(r.name, r, 'limit', r.gen)
      room[#room + 1] = r.name .. ' ' .. r.own
    else
      left[#left + 1] = r.name
    end
  end
  redis.call('HSET', KEYS[1], 'live', table.concat(left, ' '))
  return table.concat(room, ' ')
end

-- notes which sessions ended so that there was room for that one, as long as its first token is the newest
local function note_room(name, room)
  if room ~= '' then redis.call('HSET', KEYS[1], 'room ' .. name, room) end
end
