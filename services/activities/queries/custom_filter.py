"""Lists narrowed by what a company keeps of clients in fields of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Uuid, bindparam, select

from services.activities.domain.custom_fields import CustomField, asked_range
from services.activities.storage import custom_fields
from services.activities.storage.custom_values import HIGHEST, LOWEST, key_of
from services.activities.storage.tables.custom_fields import custom_value
from shared.db import BulkRows, Tx
from shared.errors import Invalid, NotFound
from shared.ids import CompanyId, CustomFieldId
from shared.tenancy import Caller

MOST_ASKED = 5
"""How many fields a list may be narrowed by at once."""
_v = custom_value.c
_asked = BulkRows("asked", {"field_id": Uuid(), "low": LargeBinary(), "high": LargeBinary()})


@dataclass(frozen=True, slots=True)
class AskedField:
    """A field, and the least and the largest key that its value may have."""

    field_id: CustomFieldId
    low: bytes
    high: bytes


@dataclass(frozen=True, slots=True)
class CustomFilter:
    """What the values of one company's fields are to be; `rooms` are those of the caller that sell
    for it, None for every room.
    """

    company_id: CompanyId
    rooms: list[UUID] | None
    fields: tuple[AskedField, ...]

    def parameters(self) -> dict[str, Any]:
        """The parameters of `has_values`."""
        return _asked.of(
            {"field_id": each.field_id, "low": each.low, "high": each.high} for each in self.fields
        )


async def read_filter(tx: Tx, sent: Sequence[str], caller: Caller) -> CustomFilter:
    """What is asked for, `<field id>:<value>` or, of numbers, money and dates, `<field
    id>:<from>..<to>` each.

    Raises `NotFound` for a field of no company that the caller's rooms sell for, `Invalid` for an
    archived one, a value that it can't have, and fields of several companies.
    """
    texts = [_split(text, f"custom.{place}") for place, text in enumerate(sent)]
    by_id = await custom_fields.with_currency(tx, [id_ for id_, _ in texts])
    company_id: CompanyId | None = None
    rooms: list[UUID] | None = None
    asked_fields = []
    for place, (id_, text) in enumerate(texts):
        name = f"custom.{place}"
        if id_ not in by_id:
            raise NotFound("custom_field", name)
        field, currency = by_id[id_]
        if company_id is None:
            company_id = field.company_id
            rooms = await _seeing_rooms(tx, field, caller, name)
        elif field.company_id != company_id:
            await _seeing_rooms(tx, field, caller, name)
            raise Invalid(name, "one_company")
        asked_fields.append(_keys(field, text, currency, name))
    assert company_id
    return CustomFilter(company_id, rooms, tuple(asked_fields))


def _split(text: str, place: str) -> tuple[UUID, str]:
    id_, separator, value = text.partition(":")
    try:
        field_id = UUID(id_)
    except ValueError:
        raise Invalid(place, "custom_filter") from None
    if not separator or not value:
        raise Invalid(place, "custom_filter")
    return field_id, value


async def _seeing_rooms(
    tx: Tx, field: CustomField, caller: Caller, place: str
) -> list[UUID] | None:
    if caller.sees_every_room:
        return None
    rooms = await custom_fields.rooms_serving(tx, field.company_id, sorted(caller.room_ids))
    if not rooms:
        raise NotFound("custom_field", place)
    return [*rooms]


def _keys(field: CustomField, text: str, currency: str, place: str) -> AskedField:
    if field.archived:
        raise Invalid(place, "in_use")
    low, high = asked_range(field, text, currency, place)
    return AskedField(
        field.id,
        LOWEST if low is None else key_of(low),
        HIGHEST if high is None else key_of(high),
    )


def has_values(client_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a client has a value in the range for each field that is asked for, as SQL."""
    has_value = (
        select(_v.client_id)
        .where(
            _v.tenant_id == bindparam("tenant_id", type_=Uuid),
            _v.client_id == client_id,
            _v.field_id == _asked.c.field_id,
            _v.key.between(_asked.c.low, _asked.c.high),
        )
        .correlate_except(custom_value)
        .exists()
    )
    lacking = select(_asked.c.field_id).select_from(_asked.table).where(~has_value)
    return ~lacking.correlate_except(_asked.table).exists()
