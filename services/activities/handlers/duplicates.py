"""Companies, sources and personnel numbers that would be there twice."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.activities.domain.refusals import (
    DuplicateCompany,
    DuplicatePersonnelNumber,
    DuplicateSource,
)
from services.activities.storage import directory, duplicates
from services.activities.storage.directory import TENANT
from shared.db import Tx

_SOURCE = ("name", "channel", "campaign")


async def require_new_company(
    tx: Tx, values: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Raises `DuplicateCompany` where the INN in `values` is another company's. One that is not
    changed from `before` may be: it was allowed once.

    Whoever names an INN locks the tenant first: of two at once the second sees the first.
    """
    inn = values.get("inn")
    if not inn or (before and before["inn"] == inn):
        return
    await directory.lock(tx, TENANT, tx.tenant_id)
    if other := await duplicates.company_with(tx, inn, _id(before)):
        raise DuplicateCompany(company_id=str(other["id"]), archived=other["archived"])


async def require_new_source(
    tx: Tx, values: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Raises `DuplicateSource`, as `require_new_company` by name, channel and campaign."""
    after = {**(before or {}), **values}
    if before and all(before[name] == after[name] for name in _SOURCE):
        return
    await directory.lock(tx, TENANT, tx.tenant_id)
    named = {name: after[name] for name in _SOURCE}
    if other := await duplicates.source_with(tx, **named, own_id=_id(before)):
        raise DuplicateSource(source_id=str(other["id"]), archived=other["archived"])


async def require_new_personnel_number(
    tx: Tx, values: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Raises `DuplicatePersonnelNumber`, as `require_new_company`: payroll would pay one for the
    other, whether they still work or not.
    """
    number = values.get("personnel_number")
    if not number or (before and before["personnel_number"] == number):
        return
    await directory.lock(tx, TENANT, tx.tenant_id)
    if other := await duplicates.employee_with(tx, number, _id(before)):
        raise DuplicatePersonnelNumber(employee_id=str(other["id"]), active=other["active"])


def _id(before: Mapping[str, Any] | None) -> UUID | None:
    return before["id"] if before else None
