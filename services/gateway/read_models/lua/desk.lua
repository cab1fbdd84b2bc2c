-- One room's part of a seller's day. KEYS[1]: the room's stem.
-- ARGV: employee, now (ms), limit.
-- Replies with names and values, one after the other; `mine` with stages and their fragments,
-- `room_settings` with companies and their stored settings.
local base, seller, now, limit = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local lost = require_whole(
  base, {'pool', 'mine:' .. seller, 'next_steps:' .. seller, 'resets:' .. seller})
if lost then return lost end

local function due(index, until_ms)
  return redis.call('ZRANGEBYSCORE', base .. index .. seller, '-inf', until_ms, 'LIMIT', 0, limit)
end
local late, resets = due('next_steps:', '(' .. ARGV[2]), due('resets:', ARGV[2])

local stages, ids = {}, {}
local members = redis.call('ZRANGEBYLEX', base .. 'mine:' .. seller, '-', '+', 'LIMIT', 0, limit)
for _, member in ipairs(members) do
  local stage, id = string.match(member, '^(.-):(.*)$')
  if not ids[stage] then
    ids[stage] = {}
    stages[#stages + 1] = stage
  end
  table.insert(ids[stage], id)
end
local mine = {}
for _, stage in ipairs(stages) do
  mine[#mine + 1] = stage
  mine[#mine + 1] = table.concat(fragments(base, ids[stage], now), ',')
end

return {
  'mine', mine,
  'mine_count', redis.call('ZCARD', base .. 'mine:' .. seller),
  'overdue_steps', table.concat(fragments(base, late, now), ','),
  'about_to_reset', table.concat(fragments(base, resets, now), ','),
  'pool_count', redis.call('ZCARD', base .. 'pool'),
  'last_take', redis.call('HGET', base .. 'takes', seller) or '',
  'room_settings', redis.call('HGETALL', base .. 'room_settings'),
}
