-- Writes activities of one room, each unless a later rank is stored. KEYS[1]: the room's stem.
-- ARGV, ten each: id, rank, company, client, pool ('1' or ''), responsible, stage, next step due
-- (ms), warning of the reset (ms), fragment. An empty fragment is a closed activity: only its guard
-- stays. A won one with a responsible is there for its next step, and not among those that they work.
-- `sizes` counts the elements of each key, so that a reader notices a key that is gone.
-- Replies how many were written.
local base, written, grown = KEYS[1], 0, {}

local function grow(name, by)
  if by ~= 0 then grown[name] = (grown[name] or 0) + by end
end

local function put(name, score, member)
  grow(name, redis.call('ZADD', base .. name, score, member))
end

local function drop(name, member)
  grow(name, -redis.call('ZREM', base .. name, member))
end

local function remove(id, company, client, pool, responsible, stage)
  if pool == '1' then
    drop('pool', id)
    drop('pool:' .. company, id)
  end
  if responsible ~= '' then
    drop('mine:' .. responsible, stage .. ':' .. id)
    drop('next_steps:' .. responsible, id)
    drop('resets:' .. responsible, id)
  end
  drop('by_client', client .. ':' .. id)
end

local function add(id, company, client, pool, responsible, stage, step, warning, fragment)
  if fragment == '' then
    grow('fragment', -redis.call('HDEL', base .. 'fragment', id))
    return
  end
  grow('fragment', redis.call('HSET', base .. 'fragment', id, fragment))
  put('by_client', 0, client .. ':' .. id)
  if pool == '1' then
    put('pool', 0, id)
    put('pool:' .. company, 0, id)
  end
  if responsible ~= '' then
    if stage ~= 'won' then put('mine:' .. responsible, 0, stage .. ':' .. id) end
    if step ~= '' then put('next_steps:' .. responsible, step, id) end
    if warning ~= '' then put('resets:' .. responsible, warning, id) end
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
    grow('guard', redis.call('HSET', base .. 'guard', id,
      table.concat({rank, unpack(ARGV, i + 2, i + 6)}, '|')))
    written = written + 1
  end
end
for name, by in pairs(grown) do
  if by ~= 0 and redis.call('HINCRBY', base .. 'sizes', name, by) == 0 then
    redis.call('HDEL', base .. 'sizes', name)
  end
end
return written
