-- Takes activities of one room in, each unless something later is known. KEYS[1]: the room's stem.
-- ARGV, ten each: id, rank, company, client, pool ('1' or ''), responsible, stage, step due (ms), reset due (ms), fragment.
-- An empty fragment is a closed activity: only its guard stays. Answers how many were taken in.
local base, taken = KEYS[1], 0

local function leave(id, company, client, pool, who, stage)
  if pool == '1' then
    redis.call('ZREM', base .. 'pool', id)
    redis.call('ZREM', base .. 'pool:' .. company, id)
  end
  if who ~= '' then
    redis.call('ZREM', base .. 'mine:' .. who, stage .. ':' .. id)
    redis.call('ZREM', base .. 'steps:' .. who, id)
    redis.call('ZREM', base .. 'resets:' .. who, id)
  end
  redis.call('ZREM', base .. 'byclient', client .. ':' .. id)
end

local function enter(id, company, client, pool, who, stage, step, reset, fragment)
  if fragment == '' then
    redis.call('HDEL', base .. 'fragment', id)
    return
  end
  redis.call('HSET', base .. 'fragment', id, fragment)
  redis.call('ZADD', base .. 'byclient', 0, client .. ':' .. id)
  if pool == '1' then
    redis.call('ZADD', base .. 'pool', 0, id)
    redis.call('ZADD', base .. 'pool:' .. company, 0, id)
  end
  if who ~= '' then
    redis.call('ZADD', base .. 'mine:' .. who, 0, stage .. ':' .. id)
    if step ~= '' then redis.call('ZADD', base .. 'steps:' .. who, step, id) end
    if reset ~= '' then redis.call('ZADD', base .. 'resets:' .. who, reset, id) end
  end
end

for i = 1, #ARGV, 10 do
  local id, rank = ARGV[i], ARGV[i + 1]
  local known = redis.call('HGET', base .. 'guard', id)
  local kept, company, client, pool, who, stage
  if known then
    kept, company, client, pool, who, stage = string.match(known, '^(%d+)|(.-)|(.-)|(.-)|(.-)|(.*)$')
  end
  if not known or tonumber(kept) < tonumber(rank) then
    if known then leave(id, company, client, pool, who, stage) end
    enter(id, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6], ARGV[i + 7], ARGV[i + 8], ARGV[i + 9])
    local guard = table.concat({rank, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6]}, '|')
    redis.call('HSET', base .. 'guard', id, guard)
    taken = taken + 1
  end
end
return taken
