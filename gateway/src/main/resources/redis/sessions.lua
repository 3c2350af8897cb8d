-- Part of the scripts that read or write sessions: those of a subject in a realm are one hash, KEYS[1] (fields: see
-- StoredSession). In a script a session's record is a table, with when things were and end in ms:
-- gen from at ends own by, and where it has them: keep lost handed has changed, dead dead_at dead_gen

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- as a record has them, which has no room for words; one that is not here is there as a word
local reasons = { 'reuse', 'logout', 'subject', 'admin', 'limit', 'other' }

-- nil where it is of a format that is not known here
local function readable(stored)
  local is_read, v = pcall(cmsgpack.unpack, stored)
  if not is_read or type(v) ~= 'table' or v[1] ~= 1 then return nil end
  local from, at, few, dead = v[3], v[3] + v[4], v[12] or {}, v[9] or 0
  local r = { v = v, gen = v[2], from = from, at = at, ends = from + v[5], own = at + v[6], by = v[7] }
  if v[8] ~= 0 then r.keep = from + v[8] end
  if dead ~= 0 then
    -- a newer gateway may have other numbers
    r.dead, r.dead_at, r.dead_gen = type(dead) == 'string' and dead or reasons[dead] or 'other', at + v[10], v[2] - v[11]
  end
  r.lost, r.handed, r.has, r.changed = few.l, few.h and at + few.h, few.s, few.c
  return r
end

-- nil where there is none
local function unpacked(stored)
  if not stored then return nil end
  return readable(stored) or error({ err = 'FORMAT the format of a record is not known here' })
end

-- what a newer gateway has added to a record stays in it
local function store(name, r)
  local v = r.v or {}
  local few, is_longer = v[12] or {}, #v > 12
  v[1], v[2], v[3], v[4], v[5] = 1, r.gen, r.from, r.at - r.from, r.ends - r.from
  v[6], v[7], v[8] = r.own - r.at, r.by, r.keep and r.keep - r.from or 0
  if r.dead then
    v[9], v[10], v[11] = r.dead, r.dead_at - r.at, r.gen - r.dead_gen
    for i, reason in ipairs(reasons) do
      if r.dead == reason then v[9] = i end
    end
    few.l, few.h, few.s, few.c = nil, nil, nil, nil
  else
    v[9], v[10], v[11] = 0, 0, 0
    few.l, few.h, few.s, few.c = r.lost, r.handed and r.handed - r.at, r.has, r.changed
  end
  v[12] = few
  if not is_longer and not next(few) then
    v[12] = nil
    if not r.dead then v[9], v[10], v[11] = nil, nil, nil end
  end
  redis.call('HSET', KEYS[1], name, cmsgpack.pack(v))
end

local function bury(name, r, reason, presented)
  r.dead, r.dead_at, r.dead_gen = reason, now, presented
  store(name, r)
end

-- when all that its tokens can do is over. How long the last refresh token of one that was revoked lives was decided when it
-- was made: until its end at most
local function over(r, idle)
  return math.max(r.dead and r.ends or math.min(r.at + idle, r.ends), r.keep or 0, r.own) + 60000
end

local function outlive(at)
  if redis.call('PTTL', KEYS[1]) < at - now then redis.call('PEXPIREAT', KEYS[1], at) end
end

-- when all sessions were ended that there were then: the first word of that note; -1 where they never were
local function time_of(note)
  return tonumber(string.match(note or '-1', '^%S+'))
end

-- calls back with name and record of each session
local function each(call)
  local fields = redis.call('HGETALL', KEYS[1])
  for i = 1, #fields, 2 do
    if #fields[i] == 22 then call(fields[i], fields[i + 1]) end
  end
end
