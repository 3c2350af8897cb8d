-- Part of show_session.lua and list_sessions.lua: { name, generation, rotated at ms, opened at ms, absolute end ms, reason or
-- '', revoked at ms, generation presented then }
local function shown(name, r)
  return { name, r.gen, r.at, r.from, r.ends, r.dead or '', r.dead_at or 0, r.dead_gen or 0 }
end
