-- The holder of each VIP, and how many each employee holds by kind. KEYS[1]: the tenant's stem.
-- ARGV, four each: id, rank, holder (empty for nobody), kind. Replies how many were written.
local base, written = KEYS[1], 0

local function count(place, change)
  if redis.call('HINCRBY', base .. 'vip_counts', place, change) == 0 then
    redis.call('HDEL', base .. 'vip_counts', place)
  end
end

for i = 1, #ARGV, 4 do
  local stored = redis.call('HGET', base .. 'vips', ARGV[i])
  local stored_rank, former
  if stored then stored_rank, former = string.match(stored, '^(%d+)|(.*)$') end
  if not stored or tonumber(stored_rank) < tonumber(ARGV[i + 1]) then
    local place = ''
    if ARGV[i + 2] ~= '' then place = ARGV[i + 2] .. ':' .. ARGV[i + 3] end
    if stored and former ~= '' then count(former, -1) end
    if place ~= '' then count(place, 1) end
    redis.call('HSET', base .. 'vips', ARGV[i], ARGV[i + 1] .. '|' .. place)
    written = written + 1
  end
end
return written
