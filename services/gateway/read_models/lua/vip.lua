-- Who holds which VIP, and how many each holds by kind. KEYS[1]: the tenant's stem. ARGV, four each: id, rank, holder, kind.
-- Held by nobody: an empty holder.
local base, taken = KEYS[1], 0

local function count(place, step)
  if redis.call('HINCRBY', base .. 'vipcounts', place, step) == 0 then redis.call('HDEL', base .. 'vipcounts', place) end
end

for i = 1, #ARGV, 4 do
  local known = redis.call('HGET', base .. 'vips', ARGV[i])
  local rank, place
  if known then rank, place = string.match(known, '^(%d+)|(.*)$') end
  if not known or tonumber(rank) < tonumber(ARGV[i + 1]) then
    local now = ''
    if ARGV[i + 2] ~= '' then now = ARGV[i + 2] .. ':' .. ARGV[i + 3] end
    if known and place ~= '' then count(place, -1) end
    if now ~= '' then count(now, 1) end
    redis.call('HSET', base .. 'vips', ARGV[i], ARGV[i + 1] .. '|' .. now)
    taken = taken + 1
  end
end
return taken
