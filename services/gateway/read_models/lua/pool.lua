-- A page of a room's pool, oldest first. KEYS[1]: the room's stem.
-- ARGV: company or '', last id or '', limit, now (ms).
-- Replies with names and values: `last_id` to go on after, '' on the last page, and `fragments`,
-- joined.
local base, limit = KEYS[1], tonumber(ARGV[3])
local name = 'pool'
if ARGV[1] ~= '' then name = name .. ':' .. ARGV[1] end
local lost = require_whole(base, {name})
if lost then return lost end
local index = base .. name
local from = '-'
if ARGV[2] ~= '' then from = '(' .. ARGV[2] end
local ids = redis.call('ZRANGEBYLEX', index, from, '+', 'LIMIT', 0, limit + 1)
local last_id = ''
if #ids > limit then
  ids[#ids] = nil
  last_id = ids[limit]
end
return {'last_id', last_id, 'fragments', table.concat(fragments(base, ids, tonumber(ARGV[4])), ',')}
