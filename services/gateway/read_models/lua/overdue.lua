-- Included before the reading scripts. A stored fragment ends with `"overdue":[]}}`, or with that and
-- its deadlines, a line each, `{what}|ms`: those that have passed by `now` are put in there.
local function with_overdue(stored, now)
  if string.byte(stored, -1) == 125 then return stored end
  local line = string.find(stored, '\n', 1, true)
  local fragment, deadlines = string.sub(stored, 1, line - 1), string.sub(stored, line + 1)
  local overdue = {}
  for what, at in string.gmatch(deadlines, '([^\n]*)|(%d+)') do
    if tonumber(at) <= now then overdue[#overdue + 1] = what end
  end
  if #overdue == 0 then return fragment end
  return string.sub(fragment, 1, -4) .. table.concat(overdue, ',') .. ']}}'
end

local function fragments(base, ids, now)
  local shown = {}
  if #ids == 0 then return shown end
  local stored = redis.call('HMGET', base .. 'fragment', unpack(ids))
  for i = 1, #ids do
    if stored[i] then shown[#shown + 1] = with_overdue(stored[i], now) end
  end
  return shown
end
