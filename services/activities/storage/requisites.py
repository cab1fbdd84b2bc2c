"""Companies' requisites with their bank accounts, and who changed them. Who writes them holds the
lock of the company.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables.requisites import (
    company_account,
    company_requisites,
    company_requisites_change,
)
from shared.db import BulkRows, Tx, compiled
from shared.db.transaction import Row
from shared.ids import CompanyId, EmployeeId
from shared.money import VatPeriod

PAPER = ("legal_name", "kpp", "address", "director_name", "accountant_name", "vat")
ACCOUNT = ("number", "bic", "bank_name", "correspondent_account")
NOTHING: Mapping[str, Any] = {**dict.fromkeys(PAPER), "vat": [], "accounts": []}
"""The requisites of a company that has given none."""

_r, _a, _h = company_requisites.c, company_account.c, company_requisites_change.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_company_id = bindparam("company_id", type_=Uuid)
_numbers = func.any(bindparam("numbers", type_=ARRAY(Text)))
_FIND = compiled(
    select(company_requisites).where(_r.tenant_id == _tenant_id, _r.company_id == _company_id)
)
_ACCOUNTS = compiled(
    select(company_account)
    .where(_a.tenant_id == _tenant_id, _a.company_id == _company_id, _a.archived.is_(False))
    .order_by(_a.position, _a.number)
)
_new = upsert(company_requisites).values(
    tenant_id=_tenant_id,
    company_id=_company_id,
    version=literal(1),
    **{name: bindparam(name, type_=_r[name].type) for name in PAPER},
)
_SET = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "company_id"],
        set_={"version": _r.version + 1, **{name: _new.excluded[name] for name in PAPER}},
    ).returning(company_requisites)
)
_TAKE_OFF = compiled(
    update(company_account)
    .where(
        _a.tenant_id == _tenant_id,
        _a.company_id == _company_id,
        _a.number != func.all(bindparam("numbers", type_=ARRAY(Text))),
    )
    .values(archived=True)
)
_listed = BulkRows("account", {**dict.fromkeys(ACCOUNT, Text()), "position": Integer()})
_put = upsert(company_account).from_select(
    ["tenant_id", "company_id", *ACCOUNT, "position", "archived"],
    select(
        _tenant_id,
        _company_id,
        *(_listed.c[name] for name in (*ACCOUNT, "position")),
        literal(False),
    ),
)
_PUT = compiled(
    _put.on_conflict_do_update(
        index_elements=["tenant_id", "company_id", "number"],
        set_={
            name: _put.excluded[name]
            for name in (*ACCOUNT, "position", "archived")
            if name != "number"
        },
    )
)
_KNOWN = compiled(
    select(_a.number, _a.company_id)
    .where(_a.tenant_id == _tenant_id, _a.number == _numbers)
    .order_by(_a.archived.desc())
)
_OF_OTHERS = compiled(
    select(_a.number).where(
        _a.tenant_id == _tenant_id,
        _a.number == _numbers,
        _a.company_id != _company_id,
        _a.archived.is_(False),
    )
)
_RECORD_CHANGE = compiled(
    insert(company_requisites_change).values(
        tenant_id=_tenant_id,
        **{
            column.name: bindparam(column.name, type_=column.type)
            for column in company_requisites_change.c
            if column.name != "tenant_id"
        },
    )
)
_HISTORY = compiled(
    select(company_requisites_change)
    .where(
        _h.tenant_id == _tenant_id,
        _h.company_id == _company_id,
        _h.version < bindparam("before_version", type_=BigInteger),
    )
    .order_by(_h.version.desc())
    .limit(bindparam("limit", type_=BigInteger))
)


async def find(tx: Tx, company_id: UUID) -> tuple[int, dict[str, Any]]:
    """The version of a company's requisites, 0 for none, and what they are."""
    row = await tx.row(_FIND, company_id=company_id)
    if row is None:
        return 0, dict(NOTHING)
    accounts = [
        {name: account[name] for name in ACCOUNT} for account in await accounts_of(tx, company_id)
    ]
    return row["version"], {**{name: row[name] for name in PAPER}, "accounts": accounts}


async def accounts_of(tx: Tx, company_id: UUID) -> list[Row]:
    """The accounts in a company's list, the one that papers name first."""
    return await tx.rows(_ACCOUNTS, company_id=company_id)


async def companies_of_accounts(tx: Tx, numbers: Collection[str]) -> dict[str, CompanyId]:
    """The company of each account that the tenant knows; of one that moved, the present one."""
    return {row["number"]: row["company_id"] for row in await tx.rows(_KNOWN, numbers=[*numbers])}


async def numbers_of_others(tx: Tx, company_id: UUID, numbers: Collection[str]) -> list[str]:
    """Those of `numbers` that are in other companies' lists."""
    rows = await tx.rows(_OF_OTHERS, company_id=company_id, numbers=[*numbers])
    return [row["number"] for row in rows]


async def save(
    tx: Tx,
    company_id: UUID,
    before: Mapping[str, Any] | None,
    chosen: Mapping[str, Any],
    changed_by: EmployeeId,
) -> int:
    """Writes a company's requisites and who changed them; the version that they have then."""
    row = await tx.row(_SET, company_id=company_id, **{name: chosen[name] for name in PAPER})
    assert row
    accounts = chosen["accounts"]
    numbers = [account["number"] for account in accounts]
    await tx.rows(_TAKE_OFF, company_id=company_id, numbers=numbers)
    listed = [{**account, "position": place} for place, account in enumerate(accounts)]
    await tx.rows(_PUT, company_id=company_id, **_listed.of(listed))
    await tx.rows(
        _RECORD_CHANGE,
        company_id=company_id,
        version=row["version"],
        changed_at=tx.now,
        changed_by=changed_by,
        before=before,
        after=chosen,
    )
    version: int = row["version"]
    return version


async def list_changes(tx: Tx, company_id: UUID, before_version: int, limit: int) -> Sequence[Row]:
    """The latest changes before a version, newest first."""
    return await tx.rows(
        _HISTORY, company_id=company_id, before_version=before_version, limit=limit
    )


def vat_periods(stored: Sequence[Mapping[str, Any]]) -> list[VatPeriod]:
    """The stored periods of value added tax as the domain has them."""
    return [
        VatPeriod(date.fromisoformat(period["effective_from"]), period["mode"]) for period in stored
    ]
