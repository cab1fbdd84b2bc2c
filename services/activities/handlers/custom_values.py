"""What a company keeps of a client in fields of its own, value by value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.activities.domain import custom_fields as rules
from services.activities.domain.custom_fields import CustomField, Sent, Value
from services.activities.events import publish_custom_values
from services.activities.queries.custom_values import get_custom_values, is_seen, require_seen
from services.activities.storage import clients, custom_fields, custom_values, directory
from services.activities.storage.custom_values import Kept
from services.activities.storage.directory import COMPANY
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import ClientId, CompanyId, CustomFieldId
from shared.tenancy import Caller
from shared.versions import stale


@dataclass(frozen=True, slots=True)
class ChangeCustomValues:
    """The values that change, None to remove one."""

    client_id: ClientId
    company_id: CompanyId
    values: Mapping[CustomFieldId, Sent | None]


async def change_custom_values(
    tx: Tx, command: ChangeCustomValues, caller: Caller
) -> dict[str, Any]:
    """Changes the values that are sent and no others, so that two people who change different ones
    do not disturb each other; without a difference nothing happens.

    Raises `NotFound` for a client or company that the caller does not see and for a field of
    another company, `Stale` where a value that is sent was changed since the caller read them,
    `Invalid` for a value that its field may not have.
    """
    client_id, company_id = command.client_id, command.company_id
    client = await clients.lock(tx, client_id)
    if client["merged_into"] or not caller.sees_client(client["room_ids"]):
        raise NotFound("client")
    company = await directory.get(tx, COMPANY, company_id, "company_id")
    await require_seen(tx, client, company_id, caller)
    fields = {field.id: field for field in await custom_fields.of_company(tx, company_id)}
    values = {
        id_: _judged(fields.get(id_), id_, sent, company["currency"])
        for id_, sent in command.values.items()
    }
    present = await custom_values.values_of(tx, client_id)
    changed = {id_: value for id_, value in values.items() if _differs(present.get(id_), value)}
    await _require_fresh(tx, command, changed, present)
    if changed:
        version = await custom_values.write(tx, client_id, company_id, changed)
        history = {
            str(id_): {
                "before": present[id_].value if id_ in present else None,
                "after": None if value is None else rules.plain(value),
            }
            for id_, value in changed.items()
        }
        await custom_values.record(tx, client_id, company_id, version, history)
        await publish(tx, client, company_id, version, changed)
    return await get_custom_values(tx, client_id, company_id, caller)


def _judged(
    field: CustomField | None, id_: CustomFieldId, sent: Sent | None, currency: str
) -> Value | None:
    place = f"values.{id_}"
    if field is None:
        raise NotFound("custom_field", place)
    if field.archived:
        raise Invalid(place, "in_use")
    if sent is None:
        if field.required:
            raise Invalid(place, "not_null")
        return None
    return rules.value_of(field, sent, currency, place)


def _differs(kept: Kept | None, value: Value | None) -> bool:
    before = kept.value if kept else None
    after: Any = None if value is None else rules.plain(value)
    return bool(before != after)


async def _require_fresh(
    tx: Tx,
    command: ChangeCustomValues,
    changed: Mapping[CustomFieldId, Value | None],
    present: Mapping[CustomFieldId, Kept],
) -> None:
    """Raises `Stale`, with what is there now, for a value that somebody else has changed since."""
    version = await custom_values.version_of(tx, command.client_id, command.company_id)
    if tx.expects(version):
        return
    assert tx.caller
    assert tx.caller.expected_versions is not None
    read = rules.last_read(tx.caller.expected_versions, version)
    changed_in = {id_: present[id_].version if id_ in present else 0 for id_ in changed}
    stale_ids = [id_ for id_, last in changed_in.items() if read is None or last > read]
    if stale_ids or read is None:
        there = {str(id_): present[id_].value if id_ in present else None for id_ in stale_ids}
        raise stale(version, there)


async def move_values(tx: Tx, old_id: ClientId, into: Row, caller: Caller) -> list[dict[str, Any]]:
    """Makes what companies keep of a client that was merged that of the other; where both have a
    value, the other's stays. Those of the first that were not taken, as far as the caller sees
    them.
    """
    old, there = [await custom_values.values_of(tx, id_) for id_ in (old_id, into["id"])]
    old = {id_: kept for id_, kept in old.items() if kept.value is not None}
    not_taken = []
    for company_id in sorted({kept.company_id for kept in old.values()}):
        of_company = {id_: kept for id_, kept in old.items() if kept.company_id == company_id}
        left = await _move_company(tx, old_id, into, of_company, there)
        if left and await is_seen(tx, into, company_id, caller):
            names = {
                field.id: field.name for field in await custom_fields.of_company(tx, company_id)
            }
            not_taken += [
                {"company_id": company_id, "field_id": id_, "name": names[id_], "value": kept.value}
                for id_, kept in left.items()
            ]
    return not_taken


async def _move_company(
    tx: Tx,
    old_id: ClientId,
    into: Row,
    old: Mapping[CustomFieldId, Kept],
    there: Mapping[CustomFieldId, Kept],
) -> Mapping[CustomFieldId, Kept]:
    """Moves the values of one company; those that are not taken."""
    company_id = next(iter(old.values())).company_id
    present = {id_: there[id_].value if id_ in there else None for id_ in old}
    moved = {id_: kept for id_, kept in old.items() if present[id_] is None}
    left = {id_: kept for id_, kept in old.items() if present[id_] not in (None, kept.value)}
    if moved or left:
        stored = [(id_, kept.value, kept.key) for id_, kept in moved.items()]
        version = await custom_values.write_stored(tx, into["id"], company_id, stored)
        history: dict[str, Any] = {
            str(id_): {"before": None, "after": kept.value} for id_, kept in moved.items()
        }
        for id_, kept in left.items():
            same = present[id_]
            history[str(id_)] = {"before": same, "after": same, "not_taken": kept.value}
        await custom_values.record(tx, into["id"], company_id, version, history, old_id)
        await publish(tx, into, company_id, version, {**moved, **left}, old_id)
    await custom_values.remove(tx, old_id, moved)
    return left


async def publish(
    tx: Tx,
    client: Row,
    company_id: CompanyId,
    version: int,
    field_ids: Mapping[CustomFieldId, Any],
    merged_client_id: ClientId | None = None,
) -> None:
    """Tells which values of a client have changed, to the rooms that see the company's."""
    rooms = client["room_ids"] or None
    room_ids = await custom_fields.rooms_serving(tx, company_id, rooms)
    publish_custom_values(
        tx, client["id"], company_id, version, sorted(field_ids), sorted(room_ids), merged_client_id
    )
