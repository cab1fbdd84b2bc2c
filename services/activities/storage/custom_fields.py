"""A company's own fields of its clients."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, or_, select

from services.activities.domain.custom_fields import Choice, CustomField
from services.activities.storage.tables.custom_fields import custom_field
from services.activities.storage.tables.directory import company, room
from shared.db import Tx, compiled
from shared.ids import ChoiceId, CompanyId, CustomFieldId, RoomId

_f, _r = custom_field.c, room.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_OF_COMPANY = compiled(
    select(custom_field)
    .where(_f.tenant_id == _tenant_id, _f.company_id == _company_id)
    .order_by(_f.position, _f.id)
)
_BY_ID = compiled(
    select(custom_field, company.c.currency)
    .join_from(
        custom_field,
        company,
        and_(company.c.tenant_id == _f.tenant_id, company.c.id == _f.company_id),
    )
    .where(_f.tenant_id == _tenant_id, _f.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
)
_rooms = bindparam("rooms", type_=ARRAY(Uuid))
_SERVING = compiled(
    select(_r.id).where(
        _r.tenant_id == _tenant_id,
        or_(_rooms.is_(None), _r.id == func.any(_rooms)),
        _company_id == func.any(_r.company_ids),
    )
)


def field_of(row: Mapping[str, Any]) -> CustomField:
    """A row as the domain has it."""
    return CustomField(
        id=CustomFieldId(row["id"]),
        company_id=CompanyId(row["company_id"]),
        name=row["name"],
        kind=row["kind"],
        choices=tuple(
            Choice(ChoiceId(UUID(each["id"])), each["name"], each["archived"])
            for each in row["choices"]
        ),
        required=row["required"],
        archived=row["archived"],
    )


async def of_company(tx: Tx, company_id: UUID) -> list[CustomField]:
    """Every field of the company, the archived ones too, in their order."""
    return [field_of(row) for row in await tx.rows(_OF_COMPANY, company_id=company_id)]


async def with_currency(tx: Tx, ids: list[UUID]) -> dict[UUID, tuple[CustomField, str]]:
    """The fields of `ids` that exist, each with its company's currency."""
    rows = await tx.rows(_BY_ID, ids=ids)
    return {row["id"]: (field_of(row), row["currency"]) for row in rows}


async def rooms_serving(tx: Tx, company_id: UUID, rooms: Sequence[UUID] | None) -> list[RoomId]:
    """Those of `rooms`, or of all, that sell for the company."""
    return [row["id"] for row in await tx.rows(_SERVING, company_id=company_id, rooms=rooms)]
