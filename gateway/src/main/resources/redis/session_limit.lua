-- Part of open_session.lua and rotate_session.lua: where a subject may have only so many sessions in a realm, its oldest
-- end before another opens. One that has ended in another way does not count.
--
-- max              sessions at most; 0 is any number
-- first, first_id  from KEYS[first] on the records of the sessions that are open by the index, oldest first, and from
--                  ARGV[first_id] on their ids
-- Answer           nil, and the ids of the sessions that ended, with a space between them;
--                  or { 'look', session id... }: by the index others are open, whose records must be declared first

local function make_room(max, first, first_id, now, idle, ended)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], -now, now)
  if max == 0 then return nil, '' end
  local open = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf')
  if #open < max then return nil, '' end
  for i, sid in ipairs(open) do
    if ARGV[first_id + i - 1] ~= sid then
      table.insert(open, 1, 'look')
      return open
    end
  end
  local live = {}
  for i, sid in ipairs(open) do
    local key = KEYS[first + i - 1]
    local r = redis.call('HMGET', key, 'v', 'at', 'end', 'dead', 'gen')
    if r[1] and r[1] ~= '1' then return redis.error_reply('FORMAT record format ' .. r[1] .. ' is not known here') end
    if not r[1] then
      redis.call('ZREM', KEYS[2], sid)
    elseif not r[4] and tonumber(r[2]) > ended and now < math.min(r[2] + idle, tonumber(r[3])) then
      table.insert(live, { key = key, sid = sid, ends = r[3], gen = r[5] })
    end
  end
  -- the index has one whose access tokens outlive it behind some that end later
  table.sort(live, function(a, b)
    local a_ends, b_ends = tonumber(a.ends), tonumber(b.ends)
    return a_ends < b_ends or a_ends == b_ends and a.sid < b.sid
  end)
  local room = {}
  for i = 1, #live - max + 1 do
    room[i] = live[i].sid
    redis.call('HSET', live[i].key, 'dead', 'limit', 'dead_at', now, 'dead_gen', live[i].gen)
    redis.call('ZADD', KEYS[2], -live[i].ends, live[i].sid)
  end
  return nil, table.concat(room, ' ')
end
