-- Writes activities of one room, each unless a later rank is stored. KEYS[1]: the room's stem.
-- ARGV, ten each: id, rank, company, client, pool ('1' or ''), responsible, stage, next step due
-- (ms), reset due (ms), fragment. An empty fragment is a closed activity: only its guard stays.
-- Replies how many were written.
local base, written = KEYS[1], 0

local function remove(id, company, client, pool, responsible, stage)
  if pool == '1' then
    redis.call('ZREM', base .. 'pool', id)
    redis.call('ZREM', base .. 'pool:' .. company, id)
  end
  if responsible ~= '' then
    redis.call('ZREM', base .. 'mine:' .. responsible, stage .. ':' .. id)
    redis.call('ZREM', base .. 'next_steps:' .. responsible, id)
    redis.call('ZREM', base .. 'resets:' .. responsible, id)
  end
  redis.call('ZREM', base .. 'by_client', client .. ':' .. id)
end

local function add(id, company, client, pool, responsible, stage, step, reset, fragment)
  if fragment == '' then
    redis.call('HDEL', base .. 'fragment', id)
    return
  end
  redis.call('HSET', base .. 'fragment', id, fragment)
  redis.call('ZADD', base .. 'by_client', 0, client .. ':' .. id)
  if pool == '1' then
    redis.call('ZADD', base .. 'pool', 0, id)
    redis.call('ZADD', base .. 'pool:' .. company, 0, id)
  end
  if responsible ~= '' then
    redis.call('ZADD', base .. 'mine:' .. responsible, 0, stage .. ':' .. id)
    if step ~= '' then redis.call('ZADD', base .. 'next_steps:' .. responsible, step, id) end
    if reset ~= '' then redis.call('ZADD', base .. 'resets:' .. responsible, reset, id) end
  end
end

for i = 1, #ARGV, 10 do
  local id, rank = ARGV[i], ARGV[i + 1]
  local guard = redis.call('HGET', base .. 'guard', id)
  local stored_rank, company, client, pool, responsible, stage
  if guard then
    stored_rank, company, client, pool, responsible, stage =
      string.match(guard, '^(%d+)|(.-)|(.-)|(.-)|(.-)|(.*)$')
  end
  if not guard or tonumber(stored_rank) < tonumber(rank) then
    if guard then remove(id, company, client, pool, responsible, stage) end
    add(id, unpack(ARGV, i + 2, i + 9))
    redis.call('HSET', base .. 'guard', id, table.concat({rank, unpack(ARGV, i + 2, i + 6)}, '|'))
    written = written + 1
  end
end
return written
