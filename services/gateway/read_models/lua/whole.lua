-- Included before the reading scripts. An error where one of a room's keys lacks elements that were
-- written, as one that was evicted does: the reader asks the owner then, and the models are rebuilt.
local function require_whole(base, sorted_sets)
  local sizes = redis.call('HMGET', base .. 'sizes', 'guard', 'fragment', unpack(sorted_sets))
  local present = {redis.call('HLEN', base .. 'guard'), redis.call('HLEN', base .. 'fragment')}
  for i, name in ipairs(sorted_sets) do present[i + 2] = redis.call('ZCARD', base .. name) end
  for i = 1, #present do
    if tonumber(sizes[i] or '0') ~= present[i] then
      return redis.error_reply('LOST a key of a room lacks elements')
    end
  end
end
