-- HS256 by OpenSSL, which nginx has loaded. The key schedule of each key is made once: HMAC_Init_ex without a key only
-- rewinds it.
local ffi = require 'ffi'
local base64 = require 'ngx.base64'
local cjson = require 'cjson.safe'

ffi.cdef [[
typedef struct hmac_ctx_st HMAC_CTX;
typedef struct evp_md_st EVP_MD;
typedef struct engine_st ENGINE;
const EVP_MD *EVP_sha256(void);
HMAC_CTX *HMAC_CTX_new(void);
int HMAC_Init_ex(HMAC_CTX *ctx, const void *key, int len, const EVP_MD *md, ENGINE *engine);
int HMAC_Update(HMAC_CTX *ctx, const char *data, size_t len);
int HMAC_Final(HMAC_CTX *ctx, unsigned char *md, unsigned int *len);
int CRYPTO_memcmp(const void *a, const void *b, size_t len);
]]
local C = ffi.C
local digest, length = ffi.new('unsigned char[32]'), ffi.new('unsigned int[1]')

local function signature(context, text)
  C.HMAC_Init_ex(context, nil, 0, nil, nil)
  C.HMAC_Update(context, text, #text)
  C.HMAC_Final(context, digest, length)
  return base64.encode_base64url(ffi.string(digest, 32))
end

local Key = {}
Key.__index = Key

-- The first key of a JWK Set file.
local function key(file, typ)
  local handle = assert(io.open(file))
  local jwk = assert(cjson.decode(handle:read('*a'))).keys[1]
  handle:close()
  local secret = base64.decode_base64url(jwk.k)
  local context = C.HMAC_CTX_new()
  assert(C.HMAC_Init_ex(context, secret, #secret, C.EVP_sha256(), nil) == 1)
  local header = '{"alg":"HS256","typ":"' .. typ .. '"}'
  return setmetatable({ context = context, header = base64.encode_base64url(header) .. '.' }, Key)
end

function Key:sign(payload)
  local signed = self.header .. base64.encode_base64url(payload)
  return signed .. '.' .. signature(self.context, signed)
end

-- The claims of a token that this key signed, else nil.
function Key:verify(token)
  local header = self.header
  if string.sub(token, 1, #header) ~= header then return nil end
  local dot = string.find(token, '.', #header + 1, true)
  if not dot or #token - dot ~= 43 then return nil end
  local expected = signature(self.context, string.sub(token, 1, dot - 1))
  if C.CRYPTO_memcmp(expected, string.sub(token, dot + 1), 43) ~= 0 then return nil end
  local payload = base64.decode_base64url(string.sub(token, #header + 1, dot - 1))
  return payload and cjson.decode(payload)
end

return { key = key }
