"""Keys of generations that nobody reads or writes any more, deleted."""

from services.gateway.read_models.generations import Generations

_BATCH = 500


async def sweep(generations: Generations) -> int:
    """Deletes the keys of generations that the pointer does not name; how many they were.

    Keys are judged by a pointer read after they were found: a generation is named before it is
    written, and once it is not named any more it never is again. The other way round, what somebody
    else begins to build meanwhile would be taken for old.
    """
    stem = f"{generations.namespace}gw:"
    removed = 0
    found: list[bytes] = []
    async for key in generations.store.redis.scan_iter(match=f"{stem}g*:*", count=1000):
        found.append(key)
        if len(found) >= _BATCH:
            removed += await _unlink(generations, stem, found)
            found = []
    return removed + await _unlink(generations, stem, found)


async def _unlink(generations: Generations, stem: str, found: list[bytes]) -> int:
    named = (await generations.read()).all
    doomed = [
        key for key in found if key.decode().removeprefix(stem).partition(":")[0] not in named
    ]
    await generations.store.run(*(("UNLINK", key) for key in doomed))
    return len(doomed)
