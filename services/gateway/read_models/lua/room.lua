-- What the sellers of a room have in work. KEYS[1]: the room's stem.
-- ARGV: now (ms), how many stages, stages, employees.
-- Replies how many activities are free, then for each employee how many are in work, have a step
-- that is late, have a step, are about to be reset; then how many are in each stage.
local base, now, count = KEYS[1], ARGV[1], tonumber(ARGV[2])

local sorted_sets = {'pool'}
for i = 3 + count, #ARGV do
  for _, name in ipairs({'mine:', 'next_steps:', 'resets:'}) do
    sorted_sets[#sorted_sets + 1] = name .. ARGV[i]
  end
end
local lost = require_whole(base, sorted_sets)
if lost then return lost end

local reply = {redis.call('ZCARD', base .. 'pool')}
for i = 3 + count, #ARGV do
  local mine, steps = base .. 'mine:' .. ARGV[i], base .. 'next_steps:' .. ARGV[i]
  local load = {
    redis.call('ZCARD', mine),
    redis.call('ZCOUNT', steps, '-inf', '(' .. now),
    redis.call('ZCARD', steps),
    redis.call('ZCOUNT', base .. 'resets:' .. ARGV[i], '-inf', now),
  }
  for j = 3, 2 + count do
    -- Members are `stage:id`, and a semicolon comes after a colon.
    load[#load + 1] = redis.call('ZLEXCOUNT', mine, '[' .. ARGV[j] .. ':', '(' .. ARGV[j] .. ';')
  end
  reply[#reply + 1] = load
end
return reply
