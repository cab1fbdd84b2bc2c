"""Registering an activity: who wants what, from which source, in which room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities import events as published
from services.activities.domain.registering import (
    OfferedProduct,
    Request,
    Wanted,
    lines_of,
    register,
)
from services.activities.handlers import clients
from services.activities.storage import registration as stored
from services.activities.storage import repository
from services.activities.storage.mapping import room_settings_of
from shared.db import Tx
from shared.errors import Forbidden, Invalid, NotFound
from shared.ids import ActivityId, ClientId, ProductId, SourceId, new_id
from shared.money import Money
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class Registration:
    """What the caller said; exactly one of `client_id` and `client`."""

    company_id: UUID
    room_id: UUID
    source_id: UUID
    products: Sequence[Wanted]
    client_id: UUID | None
    client: Mapping[str, Any] | None
    note: str | None
    take: bool


async def register_activity(tx: Tx, said: Registration, caller: Caller) -> dict[str, Any]:
    """A client's interest, in the pool of its room or with whoever it belongs to.

    Raises:
        NotFound: room (also one that is not the caller's), company, source, product or client;
            names the field.
        Invalid: a company that the room does not sell for, a product of another company or no
            longer sold, a price in another currency.
        Forbidden: taking at once by someone who does not sell in the room.
    """
    caller.require_room(said.room_id, field="room_id")
    client_id = (
        (await clients.register_or_find(tx, said.client, caller))["id"]
        if said.client
        else said.client_id
    )
    ids = [wanted.product_id for wanted in said.products]
    row = await tx.row(
        stored.CONTEXT,
        company_id=said.company_id,
        room_id=said.room_id,
        source_id=said.source_id,
        client_id=client_id,
        employee_id=caller.employee_id,
        product_ids=ids,
    )
    assert row
    _require_known(said, row)
    tx.at(row["now"])
    if said.take and not row["sells"]:
        raise Forbidden("take_at_once")
    offered = {ProductId(UUID(each["id"])): _offered(each) for each in row["products"] or ()}
    for number, wanted in enumerate(said.products):
        if wanted.product_id not in offered:
            raise NotFound("product", f"products.{number}.product_id")
    request = Request(
        id=ActivityId(new_id()),
        company_id=row["company_id"],
        room_id=row["room_id"],
        client_id=ClientId(row["client_id"]),
        source_id=SourceId(said.source_id),
        source_kind=row["source_kind"],
        currency=row["currency"],
        lines=lines_of(said.products, offered, row["company_id"], row["currency"]),
        note=said.note,
        by=caller.employee_id,
    )
    taker = caller.employee_id if said.take else None
    events = register(
        request, row["won_before"], row["vip_holder"], taker, room_settings_of(row), tx.now
    )
    state = published.publish(tx, events, caller.employee_id)
    await repository.save_new(tx, events, caller.employee_id)
    client = {"id": str(row["client_id"]), "name": row["client_name"], "large": row["client_large"]}
    return published.view(events[-1].after, client, tx, state)


def _require_known(said: Registration, row: Mapping[str, Any]) -> None:
    for column, what in (
        ("room_id", "room"),
        ("company_id", "company"),
        ("source_kind", "source"),
        ("client_id", "client"),
    ):
        if row[column] is None:
            raise NotFound(what, "source_id" if what == "source" else column)
    if not row["sold_here"]:
        raise Invalid("company_id", "sold_in_room")


def _offered(each: Mapping[str, Any]) -> OfferedProduct:
    return OfferedProduct(
        id=ProductId(UUID(each["id"])),
        company_id=UUID(each["company_id"]),  # type: ignore[arg-type]
        category=each["category"],
        price=Money(amount=each["price"], currency=each["currency"]),
        delivered=each["delivered"],
        term_months=each["term_months"],
        active=each["active"],
    )
