-- Part of the scripts that read or write sessions: those of a subject in a realm are one hash, KEYS[1] (fields: see
-- RedisSessionStore). In a script a session's record is a table: gen, from, at, ends, own, by, and in 'more' what few have.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- nil where it is of a format that is not known here
local function readable(packed)
  local is_read, v = pcall(cmsgpack.unpack, packed)
  if not is_read or type(v) ~= 'table' or v[1] ~= 1 then return nil end
  local from, at = v[3], v[3] + v[4]
  return { gen = v[2], from = from, at = at, ends = from + v[5], own = at + v[6], by = v[7], more = v[8] or {} }
end

-- nil where there is none
local function unpacked(packed)
  if not packed then return nil end
  return readable(packed) or error({ err = 'FORMAT the format of a record is not known here' })
end

-- differences are shorter than times
local function packed(r)
  return cmsgpack.pack({ 1, r.gen, r.from, r.at - r.from, r.ends - r.from, r.own - r.at, r.by, next(r.more) and r.more or nil })
end

-- when all that its tokens can do is over
local function over(r, idle)
  return math.max(math.min(r.at + idle, r.ends), r.more.keep or 0, r.own) + 60000
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
