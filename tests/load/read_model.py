"""The same fast path for the gateway's read model: one entry of a pool, multiplied inside Redis."""

from redis.asyncio import Redis

from tests.load.stock import Template
from tests.load.world import World

BATCH = 2_000
# KEYS[1]: the room's stem. ARGV: the pattern's id, the company, then ids.
MULTIPLY = """
local stem, old = KEYS[1], ARGV[1]
local fragment = redis.call('HGET', stem .. 'fragment', old)
local guard = redis.call('HGET', stem .. 'guard', old)
local before, after = string.match(fragment, '^(.-)' .. string.gsub(old, '%-', '%%-') .. '(.*)$')
local function count(name, added)
  if added == 1 then redis.call('HINCRBY', stem .. 'sizes', name, 1) end
end
for i = 3, #ARGV do
  count('fragment', redis.call('HSET', stem .. 'fragment', ARGV[i], before .. ARGV[i] .. after))
  count('guard', redis.call('HSET', stem .. 'guard', ARGV[i], guard))
  for _, name in ipairs({'pool', 'pool:' .. ARGV[2]}) do
    count(name, redis.call('ZADD', stem .. name, 0, ARGV[i]))
  end
end
return redis.call('ZCARD', stem .. 'pool')
"""


async def multiply_shown(world: World, of: Template, ids: list[str]) -> None:
    """Shows `ids` in the room's pool as `of` is shown."""
    redis = Redis.from_url(world.stage.installation.redis_url)
    namespace = world.stage.installation.namespace
    pointer = await redis.get(f"{namespace}gw:generations")
    assert isinstance(pointer, bytes), "there is no read model"
    generation = pointer.decode().partition(",")[0]
    stem = f"{namespace}gw:{generation}:{{{world.tenant_id}:{world.room_id}}}:"
    script = redis.register_script(MULTIPLY)
    for start in range(0, len(ids), BATCH):
        await script(keys=[stem], args=[str(of.id), world.company_id, *ids[start : start + BATCH]])
    await redis.aclose()
