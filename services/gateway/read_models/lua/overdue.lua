-- Included before the reading scripts: fragments end with `"overdue":[]}}`; what has passed by `now` is put in there.
local function told(fragment, due, now)
  if not fragment or not due then return fragment end
  local step, step_at, invoice, invoice_on = string.match(due, '^(.-)|(.-)|(.-)|(.*)$')
  local late = {}
  if step ~= '' and tonumber(step) < now then late[#late + 1] = '{"what":"next_step","since":"' .. step_at .. '"}' end
  if invoice ~= '' and tonumber(invoice) <= now then late[#late + 1] = '{"what":"invoice","since":"' .. invoice_on .. '"}' end
  if #late == 0 then return fragment end
  return string.sub(fragment, 1, -4) .. table.concat(late, ',') .. ']}}'
end

local function fragments(base, ids, now)
  local found = {}
  if #ids == 0 then return found end
  local texts = redis.call('HMGET', base .. 'fragment', unpack(ids))
  local dues = redis.call('HMGET', base .. 'due', unpack(ids))
  for i = 1, #ids do
    if texts[i] then found[#found + 1] = told(texts[i], dues[i], now) end
  end
  return found
end
