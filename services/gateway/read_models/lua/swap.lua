-- Changes the pointer only from what it is believed to be; '' stands for a pointer that is not there.
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
