-- One room's part of a seller's day. KEYS[1]: the room's stem. ARGV: employee, now (ms), warned until (ms), limit.
-- Answers pool count, count of mine, last take or '', overdue, about to reset, numbers (company, value …), then stage, fragments …
local base, who, now, limit = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4])
local late = redis.call('ZRANGEBYSCORE', base .. 'steps:' .. who, '-inf', '(' .. ARGV[2], 'LIMIT', 0, limit)
local resets = redis.call('ZRANGEBYSCORE', base .. 'resets:' .. who, '-inf', ARGV[3], 'LIMIT', 0, limit)
local mine = redis.call('ZRANGEBYLEX', base .. 'mine:' .. who, '-', '+', 'LIMIT', 0, limit)
local out = {
  redis.call('ZCARD', base .. 'pool'),
  redis.call('ZCARD', base .. 'mine:' .. who),
  redis.call('HGET', base .. 'takes', who) or '',
  table.concat(fragments(base, late, now), ','),
  table.concat(fragments(base, resets, now), ','),
  redis.call('HGETALL', base .. 'numbers'),
}
local stages, ids = {}, {}
for _, member in ipairs(mine) do
  local stage, id = string.match(member, '^(.-):(.*)$')
  if not ids[stage] then
    ids[stage] = {}
    stages[#stages + 1] = stage
  end
  table.insert(ids[stage], id)
end
for _, stage in ipairs(stages) do
  out[#out + 1] = stage
  out[#out + 1] = table.concat(fragments(base, ids[stage], now), ',')
end
return out
