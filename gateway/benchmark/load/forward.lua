-- wrk: one request over and over. Arguments: method, path, body ('' is none), an access token ('' is none), and how many
-- requests to make.
local ffi = require 'ffi'
ffi.cdef 'int getpid(void); int kill(int pid, int signal);'
local SIGINT = 2
local text, wanted, sent = '', 0, 0

function init(arguments)
  local headers = { Host = 'localhost' }
  local body = arguments[3] ~= '' and arguments[3] or nil
  if body then headers['Content-Type'] = 'application/json' end
  if arguments[4] ~= '' then headers['Authorization'] = 'Bearer ' .. arguments[4] end
  text = wrk.format(arguments[1], arguments[2], headers, body)
  wanted = tonumber(arguments[5])
end

-- counted here: with response() wrk would keep every body
function request()
  sent = sent + 1
  -- wrk itself knows a duration only; its handler of SIGINT, once it is there, ends the run as the clock would
  if sent >= wanted then ffi.C.kill(ffi.C.getpid(), SIGINT) end
  return text
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format('RESULT {"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"wrong":%d}', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
