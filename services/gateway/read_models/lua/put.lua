-- Keeps the highest rank of each field. KEYS[1]: a hash. ARGV, three each: field, rank, value. Stored as `rank|value`.
local taken = 0
for i = 1, #ARGV, 3 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if not known or tonumber(string.match(known, '^%d+')) < tonumber(ARGV[i + 1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. '|' .. ARGV[i + 2])
    taken = taken + 1
  end
end
return taken
