-- Spends units of an allowance that several processes share. KEYS[1]: the allowance.
-- ARGV: units a second, units of a burst, units spent. Replies what is left; debts are bounded.
local rate, burst, spent = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local stored = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = burst
if stored[1] then
  level = math.min(burst, stored[1] + math.max(0, now - stored[2]) * rate)
end
level = math.max(-burst, level - spent)
redis.call('HSET', KEYS[1], 'level', string.format('%.3f', level), 'at', string.format('%.3f', now))
redis.call('EXPIRE', KEYS[1], math.ceil((burst - level) / rate) + 1)
return string.format('%.3f', level)
