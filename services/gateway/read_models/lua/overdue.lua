-- Included before the reading scripts. A stored fragment ends with `"overdue":[]}}`, or with that, a line break and its deadlines:
-- what has passed by `now` is put in there.
local function told(stored, now)
  if string.byte(stored, -1) == 125 then return stored end
  local fragment, step, step_at, invoice, invoice_on = string.match(stored, '^(.-)\n(.-)|(.-)|(.-)|(.*)$')
  local late = {}
  if step ~= '' and tonumber(step) < now then late[#late + 1] = '{"what":"next_step","since":"' .. step_at .. '"}' end
  if invoice ~= '' and tonumber(invoice) <= now then late[#late + 1] = '{"what":"invoice","since":"' .. invoice_on .. '"}' end
  if #late == 0 then return fragment end
  return string.sub(fragment, 1, -4) .. table.concat(late, ',') .. ']}}'
end

local function fragments(base, ids, now)
  local found = {}
  if #ids == 0 then return found end
  local stored = redis.call('HMGET', base .. 'fragment', unpack(ids))
  for i = 1, #ids do
    if stored[i] then found[#found + 1] = told(stored[i], now) end
  end
  return found
end
