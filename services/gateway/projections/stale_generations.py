"""Deletes generations that nobody reads or writes any more."""

from collections.abc import Iterable

from services.gateway.read_models.generations import Generations

_BATCH = 500


async def delete_stale_generations(generations: Generations) -> int:
    """Deletes the keys of generations that the pointer does not name; gives their number.

    Keys are judged by a pointer that is read after they were found: a generation is named before it
    is written, and once it is not named any more it never is again. The other way round, a
    generation that another process begins to build meanwhile would look stale.
    """
    stem = f"{generations.namespace}gw:"
    deleted = 0
    batch: list[bytes] = []
    async for key in generations.store.redis.scan_iter(match=f"{stem}g*:*", count=1000):
        batch.append(key)
        if len(batch) >= _BATCH:
            deleted += await _delete_stale(generations, stem, batch)
            batch = []
    return deleted + await _delete_stale(generations, stem, batch)


async def delete_generations(generations: Generations, names: Iterable[str]) -> None:
    """Deletes the keys of these generations, whether the pointer names them or not: a full Redis
    takes no other pointer before something is gone.
    """
    for name in names:
        keys = [
            key
            async for key in generations.store.redis.scan_iter(
                match=f"{generations.keys(name).stem}*", count=1000
            )
        ]
        for start in range(0, len(keys), _BATCH):
            await generations.store.run(*(("UNLINK", key) for key in keys[start : start + _BATCH]))


async def _delete_stale(generations: Generations, stem: str, keys: list[bytes]) -> int:
    current = (await generations.read()).all
    stale = [
        key for key in keys if key.decode().removeprefix(stem).partition(":")[0] not in current
    ]
    await generations.store.run(*(("UNLINK", key) for key in stale))
    return len(stale)
