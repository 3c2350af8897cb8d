-- wrk: chains of refreshes. Each answer's token goes into the next request, of whichever connection is free next, so as many
-- chains as connections are under way. Arguments: a file of refresh tokens, one a line, and how many requests to make.
local ffi = require 'ffi'
ffi.cdef 'int getpid(void); int kill(int pid, int signal);'
local SIGINT = 2
local HEAD = 'POST /api/auth/refresh HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: '
-- a queue: the chain that rests longest is next
local tokens, first, last, wanted = {}, 1, 0, 0
local threads = {}
-- read by done() from another Lua state: only globals can be
answered, wrong, example = 0, 0, ''

function setup(thread)
  table.insert(threads, thread)
end

local function put(token)
  last = last + 1
  tokens[last] = token
end

function init(arguments)
  for line in io.lines(arguments[1]) do put(line) end
  wanted = tonumber(arguments[2])
end

function request()
  -- a chain that broke is not mended: what is sent in its place is refused, and counted
  local token = tokens[first] or ''
  if first <= last then
    tokens[first] = nil
    first = first + 1
  end
  local body = '{"refreshToken":"' .. token .. '"}'
  return HEAD .. #body .. '\r\n\r\n' .. body
end

function response(status, headers, body)
  local token = status == 200 and string.match(body, '"refreshToken":"([^"]+)"')
  if token then
    put(token)
  else
    wrong = wrong + 1
    if example == '' then example = status .. ' ' .. string.sub(body, 1, 100) end
  end
  answered = answered + 1
  -- wrk itself knows a duration only; its handler of SIGINT ends the run as the clock would
  if answered == wanted or wrong == 1 and not token then ffi.C.kill(ffi.C.getpid(), SIGINT) end
end

function done(summary, latency, requests)
  local failed, said = 0, ''
  for _, thread in ipairs(threads) do
    failed = failed + thread:get('wrong')
    said = thread:get('example')
  end
  local errors = summary.errors
  print(string.format('RESULT {"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"wrong":%d}', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    failed + errors.connect + errors.read + errors.write + errors.timeout))
  print('FIRST WRONG ANSWER ' .. said)
end
