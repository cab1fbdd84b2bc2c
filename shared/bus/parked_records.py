"""Records of parked tenants as they lie in the service's database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from shared.bus.dead_letters import is_about_people
from shared.bus.records import NOBODY
from shared.db import Tx
from shared.ids import TenantId

_PUT_ASIDE = """
    INSERT INTO parked_record (tenant_id, topic, partition, position, key, value, is_pointer,
        headers)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""
_NEXT = """
    SELECT topic, partition, position, key, value, is_pointer, headers FROM parked_record
    WHERE tenant_id = $1 ORDER BY topic, partition, position LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A record as it was; the value of a pointer lies on the topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    is_pointer: bool


async def first_records(tx: Tx, limit: int) -> list[ParkedRecord]:
    """The tenant's first records, each partition's in order."""
    rows = await tx.connection.fetch(_NEXT, tx.tenant_id, limit)
    return [
        ParkedRecord(
            row["topic"],
            row["partition"],
            row["position"],
            row["key"],
            row["value"],
            _headers_of(row["headers"]),
            row["is_pointer"],
        )
        for row in rows
    ]


async def put_aside(tx: Tx, records: Sequence[Any]) -> None:
    """Puts records aside for the transaction's tenant; one that is there already stays."""
    if not records:
        return
    await tx.connection.executemany(
        _PUT_ASIDE,
        [
            (
                tx.tenant_id,
                record.topic,
                record.partition,
                record.offset,
                record.key,
                None if (pointer := _is_pointer(tx.tenant_id, record)) else record.value,
                pointer,
                _headers_to(record.headers),
            )
            for record in records
        ],
    )


def _is_pointer(tenant_id: TenantId, record: Any) -> bool:
    """Whether the value stays where it is: it identifies a person, or nobody knows whose it is."""
    return record.value is not None and (tenant_id == NOBODY or is_about_people(record.topic))


def _headers_to(headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    return orjson.dumps(
        [(name, None if value is None else value.decode("latin-1")) for name, value in headers]
    )


def _headers_of(stored: bytes) -> tuple[tuple[str, bytes | None], ...]:
    return tuple(
        (name, None if value is None else value.encode("latin-1"))
        for name, value in orjson.loads(stored)
    )
