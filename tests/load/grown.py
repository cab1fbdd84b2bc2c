"""A tenant of a given size: activities of every status in several rooms, in the database and in the
read model.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.ids import new_id
from tests.load.read_model import multiply_shown
from tests.load.stage import Stage
from tests.load.stock import Stocked, Template, multiply, template
from tests.load.world import Seller, World, enter, hire

API = {"SALES_PARTS": "api"}
SHARES = {"free": 0.4, "taken": 0.1, "invoiced": 0.1, "won": 0.4}
OLD = 40
"""Lost long ago, and in work in a room where nothing happened since: a list of them must not read
what has come since.
"""
AGE = timedelta(days=300)
ACTIVITIES_A_CLIENT = 10
LOOKING, IN_HAND = 8, 20
"""How many sellers look at their desks, and how much each has in hand there, at every size."""
_CLIENTS = """
    INSERT INTO client (tenant_id, id, version, created_at, changed_at, kind, name, phones, emails,
        large, search_text)
    SELECT tenant_id, n.id, 1, created_at, changed_at, kind, 'ЗАО Фирма № ' || n.number || ',
        Москва', '{}', '{}', false, E'\\tзао фирма no ' || n.number || ', москва'
    FROM client c CROSS JOIN unnest($2::uuid[]) WITH ORDINALITY AS n(id, number) WHERE c.id = $1
"""


@dataclass
class Grown:
    """The world, what is free in its own room, and who looks at more than that room."""

    world: World
    size: int
    rooms: list[str]
    quiet: str
    free: list[Stocked]
    taken: Template
    admin: Seller
    of_several: Seller


async def grow(stage: Stage, size: int) -> Grown:
    """A new tenant with `size` activities, four of seven in its first room; one client for ten
    activities.
    """
    world = await enter(stage)
    rooms = [world.room_id] * 4
    for number in range(3):
        rooms.append(
            (
                await world.call(
                    "POST", "/rooms", {"name": f"Зал № {number}", "company_ids": [world.company_id]}
                )
            )["id"]
        )
    quiet = (
        await world.call("POST", "/rooms", {"name": "Тихий зал", "company_ids": [world.company_id]})
    )["id"]
    of_several = await hire(world, "several-rooms", [*rooms[4:], quiet])
    for seller in world.sellers[:LOOKING]:
        for number in range(IN_HAND):
            await world.call("POST", "/activities", world.order(number, take=True), seller.public)
    templates = {name: await template(world, name) for name in (*SHARES, "lost")}
    await stage.settled()
    # Timers would tell of copies whose moments come, and show them on desks.
    await asyncio.to_thread(stage.restart, **API)
    clients = world.clients + await _enter_clients(world, size // ACTIVITIES_A_CLIENT)
    free: list[Stocked] = []
    for name, share in SHARES.items():
        made = await multiply(
            world,
            templates[name],
            int(size * share),
            rooms,
            world.clients if name == "free" else clients,
        )
        free = made if name == "free" else free
    await multiply(world, templates["lost"], OLD, rooms, clients, AGE)
    await multiply(world, templates["taken"], OLD, [quiet], clients, AGE)
    await _settle(world)
    await multiply_shown(world, templates["free"], [each.id for each in free])
    admin = Seller("", world.admin)
    return Grown(
        world, size, sorted({*rooms[4:], quiet}), quiet, free, templates["taken"], admin, of_several
    )


async def _enter_clients(world: World, count: int) -> list[str]:
    ids = [new_id() for _ in range(count)]
    connection = await world.stage.database("activities")
    await connection.execute(_CLIENTS, UUID(world.clients[0]), ids)
    await connection.execute("VACUUM ANALYZE client")
    await connection.close()
    return [str(each) for each in ids]


async def _settle(world: World) -> None:
    """The last look at deadlines, a minute after room settings changed, is not to run between two
    measurements.
    """
    connection = await world.stage.database("activities")
    await connection.execute("DELETE FROM job WHERE state = 'queued'")
    await connection.execute("VACUUM ANALYZE activity")
    await connection.execute("CHECKPOINT")
    await connection.close()
