-- Replaces fragments that are still what they were when read. KEYS[1]: a room's stem.
-- ARGV, three each: id, old, new. Replies with the ids that changed meanwhile.
local changed = {}
for i = 1, #ARGV, 3 do
  if redis.call('HGET', KEYS[1] .. 'fragment', ARGV[i]) == ARGV[i + 1] then
    redis.call('HSET', KEYS[1] .. 'fragment', ARGV[i], ARGV[i + 2])
  else
    changed[#changed + 1] = ARGV[i]
  end
end
return changed
