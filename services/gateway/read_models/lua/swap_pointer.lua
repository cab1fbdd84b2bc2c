-- Changes the pointer only from the value it is believed to have; '' stands for no pointer.
local value = redis.call('GET', KEYS[1]) or ''
if value ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
