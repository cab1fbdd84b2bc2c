"""The fast path that only benchmarks have: a real activity and its events, multiplied in the
database by one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.ids import new_id
from tests.load.world import Seller, World

CHUNK = 50_000
_COPIED = {
    "id": "n.id",
    "room_id": "coalesce(n.room_id, a.room_id)",
    "client_id": "n.client_id",
    "responsible_id": "CASE WHEN a.responsible_id IS NULL THEN NULL ELSE n.seller_id END",
    "progress_at": "a.progress_at - $6::interval - n.number * interval '10 seconds'",
    "reset_due_at": "a.reset_due_at - $6::interval - n.number * interval '10 seconds'",
}
_EACH = (
    "unnest($2::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY AS n(id, client_id, seller_id,"
    " number)"
)
_PLACED = (
    "unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[]) WITH ORDINALITY AS n(id, client_id,"
    " seller_id, room_id, number)"
)
_EVENTS = f"""
    INSERT INTO outbox (tenant_id, topic, aggregate_id, aggregate_version, shard, event_id, type,
        noun, value, correlation_id, causation_id,
        created_at)
    SELECT tenant_id, topic, n.id, aggregate_version, n.number % 8, gen_random_uuid(), type, noun,
        convert_to(replace(replace(replace(convert_from(value, 'UTF8'), $1::uuid::text,
            n.id::text), $5, n.client_id::text),
            $6, n.seller_id::text), 'UTF8'), correlation_id, '', clock_timestamp()
    FROM outbox o CROSS JOIN {_EACH} WHERE o.aggregate_id = $1 AND o.value IS NOT NULL
"""


@dataclass(frozen=True)
class Template:
    """A real activity, entered through the API."""

    id: UUID
    client_id: str
    seller_id: str


@dataclass(frozen=True)
class Stocked:
    """One of many, and the seller whose it is, or who will take it."""

    id: str
    seller: Seller


async def template(world: World, stage: str) -> Template:
    """One that has come as far as `stage`: free, taken, invoiced, won, lost.

    `note` and people's texts are those of a real one.
    """
    seller = world.sellers[0]
    about = world.order(0, take=stage != "free")
    entered = await world.call("POST", "/activities", about, seller.public)
    path = f"/activities/{entered['id']}"
    price = entered["products"][0]["amount"]
    if stage in ("invoiced", "won"):
        call = {
            "kind": "call",
            "note": "Договорились о цене",
            "next_step": {"what": "Выставить счёт", "due_at": "2090-01-01T00:00:00Z"},
        }
        await world.call("POST", f"{path}/interactions", call, seller.public)
        await world.call("POST", f"{path}/invoices", {"amount": price}, seller.public)
    if stage == "lost":
        await world.call("POST", f"{path}/lose", {"reason": "Купили у других"}, seller.public)
    if stage == "won":
        await world.call("POST", f"{path}/payments", {"amount": price}, seller.public)
    return Template(UUID(entered["id"]), about["client_id"], seller.id)


async def multiply(
    world: World,
    of: Template,
    count: int,
    rooms: Sequence[str] = (),
    clients: Sequence[str] = (),
    before: timedelta = timedelta(),
) -> list[Stocked]:
    """`count` more activities like `of`, of all clients and sellers in turn, in the service's
    database alone: nothing is published.

    Their last progress was some time `before`, each earlier than the one before it. In turn of
    `rooms` where these are named; only those of the world's own room are answered.
    """
    connection = await world.stage.database("activities")
    # What is copied refers to what exists; asking about two millions of references takes longer
    # than the copying.
    await connection.execute("SET session_replication_role = replica")
    columns = [row["attname"] for row in await connection.fetch(_COLUMNS)]
    values = [_COPIED.get(column, f"a.{column}") for column in columns]
    copy = (
        f"INSERT INTO activity ({', '.join(columns)}) SELECT {', '.join(values)} FROM activity a"
        f" CROSS JOIN {_PLACED} WHERE a.id = $1"
    )
    made: list[Stocked] = []
    for start in range(0, count, CHUNK):
        ids = [new_id() for _ in range(min(CHUNK, count - start))]
        placed = [
            rooms[(start + number) % len(rooms)] if rooms else world.room_id
            for number in range(len(ids))
        ]
        people = _people(world, ids, start, clients or world.clients)
        await connection.execute(copy, of.id, *people, [UUID(each) for each in placed], before)
        here = [number for number, room_id in enumerate(placed) if room_id == world.room_id]
        made += [
            Stocked(str(ids[number]), world.sellers[(start + number) % len(world.sellers)])
            for number in here
        ]
    await connection.execute("VACUUM ANALYZE activity")
    await connection.close()
    return made


async def tell(
    world: World, of: Template, count: int, service: str = "activities"
) -> dict[str, int]:
    """Copies the events of `of` for `count` more of its kind: they wait in the service's outbox.

    How many events, by topic.
    """
    connection = await world.stage.database(service)
    for start in range(0, count, CHUNK):
        ids = [new_id() for _ in range(min(CHUNK, count - start))]
        await connection.execute(
            _EVENTS, of.id, *_people(world, ids, start, world.clients), of.client_id, of.seller_id
        )
    await connection.execute("VACUUM ANALYZE outbox")
    rows = await connection.fetch(
        "SELECT topic, count(*) FROM outbox WHERE published_at IS NULL GROUP BY topic"
    )
    await connection.close()
    return {row["topic"]: row["count"] for row in rows}


_COLUMNS = """
    SELECT attname FROM pg_attribute WHERE attrelid = 'activity'::regclass AND attnum > 0
        AND NOT attisdropped ORDER BY attnum
"""


def _people(
    world: World, ids: Sequence[UUID], start: int, clients: Sequence[str]
) -> tuple[Any, ...]:
    numbers = range(start, start + len(ids))
    wanting = [UUID(clients[number % len(clients)]) for number in numbers]
    sellers = [UUID(world.sellers[number % len(world.sellers)].id) for number in numbers]
    return list(ids), wanting, sellers
