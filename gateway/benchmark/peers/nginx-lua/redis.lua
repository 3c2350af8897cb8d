-- One EVALSHA on a pooled connection.
local tcp = ngx.socket.tcp
local port = tonumber(os.getenv('REDIS_PORT'))
local options = { pool_size = 128 }

local handle = assert(io.open(os.getenv('ROTATE_SCRIPT')))
local script = handle:read('*a')
handle:close()
local sha

local function bulk(text)
  return '$' .. #text .. '\r\n' .. text .. '\r\n'
end

local function call(socket, ...)
  local command = { '*' .. select('#', ...) .. '\r\n' }
  for i = 1, select('#', ...) do command[i + 1] = bulk((select(i, ...))) end
  socket:send(command)
  return socket:receive('*l')
end

-- What the script answered, a number; nil and why where Redis did not.
local function rotate(key, generation, idle_ms)
  local socket = tcp()
  socket:settimeout(2500)
  local connected, failure = socket:connect('127.0.0.1', port, options)
  if not connected then return nil, failure end
  local line
  if sha then
    line, failure = socket:send(sha .. bulk(key) .. bulk(generation) .. bulk(idle_ms))
    if line then line, failure = socket:receive('*l') end
  end
  if not sha or line and string.sub(line, 1, 9) == '-NOSCRIPT' then
    if not call(socket, 'SCRIPT', 'LOAD', script) then return nil, 'no answer' end
    sha = '*6\r\n$7\r\nEVALSHA\r\n' .. bulk((socket:receive('*l'))) .. '$1\r\n1\r\n'
    line, failure = socket:send(sha .. bulk(key) .. bulk(generation) .. bulk(idle_ms))
    if line then line, failure = socket:receive('*l') end
  end
  if not line then return nil, failure end
  socket:setkeepalive(60000)
  local number = tonumber(string.match(line, '^:(%d+)$'))
  return number, number and nil or line
end

return { rotate = rotate }
