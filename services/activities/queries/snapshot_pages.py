"""Everything of a kind in pages, for peers that compare replicas or refill what they missed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, select

from services.activities.events import (
    company_vat_event,
    company_vat_id,
    directory_events,
    room_settings_event,
)
from services.activities.storage.tables.activities import activity, activity_entry
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import company, employee, product, room, tenant
from services.activities.storage.tables.requisites import company_requisites
from services.activities.storage.tables.settings import room_settings
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import derived_id
from shared.replicas.snapshot import Snapshot

PAGE = 500
_MONEY = frozenset(
    {"payment.received", "payment.refunded", "payment.refund_struck", "payment.struck"}
)
_MONEY_FIELDS = ("payment_id", "refund_id", "amount", "paid_at")
_FIRST = UUID(int=0)
_tenant_id, _after = bindparam("tenant_id", type_=Uuid), bindparam("after", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_PAGES = {
    table.name: compiled(
        select(table)
        .where(table.c.tenant_id == _tenant_id, table.c.id > _after)
        .order_by(table.c.id)
        .limit(_limit)
    )
    for table in (tenant, company, room, employee, product, client)
}
_ROOM_SETTINGS = compiled(select(room_settings).where(room_settings.c.tenant_id == _tenant_id))
_REQUISITES = compiled(
    select(company_requisites).where(company_requisites.c.tenant_id == _tenant_id)
)
_a, _e = activity.c, activity_entry.c
_ACTIVITIES = compiled(
    select(_a.id, _a.company_id, _a.client_id, _a.room_id)
    .where(_a.tenant_id == _tenant_id, _a.id > _after)
    .order_by(_a.id)
    .limit(_limit)
)
_ENTRIES = compiled(
    select(_e.activity_id, _e.what, _e.at, _e.details)
    .where(
        _e.tenant_id == _tenant_id,
        _e.activity_id == any_(bindparam("activity_ids", type_=ARRAY(Uuid))),
    )
    .order_by(_e.activity_id, _e.version)
)


async def find_page(tx: Tx, kind: str, after: UUID) -> list[Snapshot]:
    """The things of `kind` whose ids follow `after`, in the order of ids; empty behind the last.
    Raises `NotFound` for a kind that is not given in pages.
    """
    if kind == "room_settings":
        return await _room_settings(tx) if after == _FIRST else []
    if kind == "company_vat":
        return await _company_vat(tx) if after == _FIRST else []
    if kind == "receipt":
        return await _receipts(tx, after)
    if kind not in _PAGES:
        raise NotFound(kind[:40])
    return [
        Snapshot.of(event, row["id"], row["version"])
        for row in await tx.rows(_PAGES[kind], after=after, limit=PAGE)
        for event in directory_events(kind, row)
    ]


async def _room_settings(tx: Tx) -> list[Snapshot]:
    """All of a tenant's, which are few."""
    return [
        Snapshot.of(
            room_settings_event(row, None),
            derived_id(row["room_id"], row["company_id"]),
            row["version"],
        )
        for row in await tx.rows(_ROOM_SETTINGS)
    ]


async def _company_vat(tx: Tx) -> list[Snapshot]:
    """Of all of a tenant's companies, which are few."""
    snapshots = [
        Snapshot.of(
            company_vat_event(row["company_id"], row),
            company_vat_id(row["company_id"]),
            row["version"],
        )
        for row in await tx.rows(_REQUISITES)
    ]
    return sorted(snapshots, key=lambda snapshot: snapshot.subject)


async def _receipts(tx: Tx, after: UUID) -> list[Snapshot]:
    """What came in and went back, by activity, as the events said when it happened: who was
    responsible then, and in which room. To store once, by the ids of the money.
    """
    rows = await tx.rows(_ACTIVITIES, after=after, limit=PAGE)
    by_activity: dict[UUID, list[Mapping[str, Any]]] = {row["id"]: [] for row in rows}
    for entry in await tx.rows(_ENTRIES, activity_ids=list(by_activity)):
        by_activity[entry["activity_id"]].append(entry)
    snapshots = []
    for row in rows:
        receipts = money_of(row, by_activity[row["id"]])
        # The last one says from where to go on, also without money.
        if receipts or row is rows[-1]:
            data = {"client_id": str(row["client_id"]), "receipts": receipts}
            data["company_id"] = str(row["company_id"])
            snapshots.append(Snapshot(type="receipts", subject=row["id"], version=1, data=data))
    return snapshots


def money_of(
    activity_row: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The money that counted, of an activity's timeline, the oldest entry first."""
    room_id = _first_room(activity_row, entries)
    seller_id = last_id = None
    won_from_pool = False
    receipts = []
    for entry in entries:
        what, details = entry["what"], entry["details"]
        if what == "activity.moved":
            room_id = details["to_room"]
        if details.get("responsible"):
            seller_id = last_id = details["responsible"]
        elif details.get("former") and what != "activity.lost":
            seller_id = None
        elif what == "activity.won" and seller_id is None:
            seller_id, won_from_pool = last_id, True
        elif what == "activity.win_reversed" and won_from_pool:
            seller_id, won_from_pool = None, False
        if what in _MONEY and details.get("was") != "claimed":
            receipts.append(
                {
                    "what": what,
                    "seller_id": seller_id,
                    "room_id": room_id,
                    "at": entry["at"].isoformat(),
                    **{name: details[name] for name in _MONEY_FIELDS if name in details},
                }
            )
    return receipts


def _first_room(activity_row: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> str:
    moves = (entry["details"] for entry in entries if entry["what"] == "activity.moved")
    first = next(moves, None)
    return str(first["from_room"] if first else activity_row["room_id"])
