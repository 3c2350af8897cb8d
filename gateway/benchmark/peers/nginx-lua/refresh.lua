-- POST /api/auth/refresh: verify, one script, two signatures.
local cjson = require 'cjson.safe'
local redis = require 'redis'
local tokens = require 'tokens'

local access = tokens.key(os.getenv('ACCESS_TOKEN_KEYS'), 'JWT')
local refresh = tokens.key(os.getenv('REFRESH_TOKEN_KEYS'), 'rt+jwt')
local LIFETIME, IDLE, ABSOLUTE = 1800, 14 * 86400, 90 * 86400
local IDLE_MS = string.format('%d', IDLE * 1000)

local function answer(status, body)
  ngx.status = status
  ngx.header['Cache-Control'] = 'no-store'
  ngx.header['Content-Length'] = #body
  ngx.print(body)
end

local function handle()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local json = body and cjson.decode(body)
  local presented = type(json) == 'table' and json.refreshToken
  if type(presented) ~= 'string' then return answer(400, '{"error":"Refresh token is required"}') end

  local now = ngx.time()
  local claims = refresh:verify(presented)
  if not claims or claims.iss ~= 'portcullis' or claims.aud ~= 'app' or claims.exp <= now then
    return answer(401, '{"error":"Invalid or expired refresh token"}')
  end
  local generation, failure = redis.rotate('session:' .. claims.sid, string.format('%d', claims.gen), IDLE_MS)
  if not generation then
    ngx.log(ngx.ERR, failure)
    ngx.header['Retry-After'] = 1
    return answer(503, '{"error":"Service unavailable"}')
  end
  if generation == 0 then return answer(401, '{"error":"Invalid or expired refresh token"}') end

  claims.gen, claims.iat = generation, now
  claims.exp = math.min(now + IDLE, claims.auth_time + ABSOLUTE)
  local granted = claims.access_claims
  granted.iat, granted.exp, granted.sid = now, now + LIFETIME, claims.sid
  local access_token = access:sign(cjson.encode(granted))
  granted.iat, granted.exp, granted.sid = nil, nil, nil
  local successor = refresh:sign(cjson.encode(claims))
  answer(200, '{"message":"Token refreshed successfully","token":"' .. access_token .. '","refreshToken":"' .. successor
    .. '","expiresIn":1800}')
end

return { handle = handle }
