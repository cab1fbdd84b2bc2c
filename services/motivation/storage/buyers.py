"""Buyers: clients of companies, locked to change the order of their wins."""

from collections.abc import Iterable

from sqlalchemy import ARRAY, Uuid, any_, bindparam, exists, literal, select, true, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.motivation.domain.sales import Buyer
from services.motivation.storage.tables import activity, buyer
from shared.db import BulkRows, Tx, compiled
from shared.ids import ActivityId

_TENANT = bindparam("tenant_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_buyers = BulkRows("buyer_key", {"company_id": Uuid(), "client_id": Uuid()})
_a, _b = activity.c, buyer.c

_OF_WINS = compiled(
    select(_a.company_id, _a.client_id).where(
        _a.tenant_id == _TENANT,
        _a.activity_id == any_(_IDS),
        _a.won_on.is_not(None),
        _a.client_id.is_not(None),
    )
)
_INSERT_MISSING = compiled(
    insert(buyer)
    .from_select(
        ["tenant_id", "company_id", "client_id"],
        select(_TENANT, _buyers.c.company_id, _buyers.c.client_id).order_by(
            _buyers.c.company_id, _buyers.c.client_id
        ),
    )
    .on_conflict_do_nothing()
)
_LOCK = compiled(
    select(_b.client_id)
    .join(
        _buyers.table,
        (_b.company_id == _buyers.c.company_id) & (_b.client_id == _buyers.c.client_id),
    )
    .where(_b.tenant_id == _TENANT)
    .order_by(_b.company_id, _b.client_id)
    .with_for_update(of=buyer)
)
_earliest = (
    select(_a.activity_id)
    .where(
        _a.tenant_id == _TENANT,
        _a.company_id == _buyers.c.company_id,
        _a.client_id == _buyers.c.client_id,
        _a.won_on.is_not(None),
        _a.sale != literal("renewal"),
        ~(_a.activity_id == any_(_IDS)),
    )
    .order_by(_a.won_on, _a.activity_id)
    .limit(1)
    .lateral("earliest")
)
_EARLIEST = compiled(
    select(_earliest.c.activity_id).select_from(_buyers.table.join(_earliest, true()))
)

_earlier = activity.alias("earlier")
_is_sale = (_a.won_on.is_not(None), _a.state["sale"].astext != literal("renewal"))
_FIRSTS = compiled(
    select(_a.activity_id).where(
        _a.tenant_id == _TENANT,
        _a.activity_id == any_(_IDS),
        *_is_sale,
        ~exists().where(
            _earlier.c.tenant_id == _TENANT,
            _earlier.c.company_id == _a.company_id,
            _earlier.c.client_id == _a.client_id,
            _earlier.c.won_on.is_not(None),
            _earlier.c.sale != literal("renewal"),
            tuple_(_earlier.c.won_on, _earlier.c.activity_id) < tuple_(_a.won_on, _a.activity_id),
        ),
    )
)


async def first_sales(tx: Tx, activity_ids: Iterable[ActivityId]) -> set[ActivityId]:
    """Those of the activities that are the first sales of their buyers, by all wins."""
    rows = await tx.rows(_FIRSTS, ids=sorted(activity_ids))
    return {row["activity_id"] for row in rows}


async def of_wins(tx: Tx, activity_ids: Iterable[ActivityId]) -> set[Buyer]:
    """The buyers of those activities that are won, without locks."""
    rows = await tx.rows(_OF_WINS, ids=sorted(activity_ids))
    return {(row["company_id"], row["client_id"]) for row in rows}


async def lock(tx: Tx, buyers: Iterable[Buyer]) -> None:
    """Locks the buyers in the order of their ids: until the transaction ends nobody else changes
    the order of their wins.
    """
    values = _values(buyers)
    await tx.rows(_INSERT_MISSING, **values)
    await tx.rows(_LOCK, **values)


async def earliest_others(
    tx: Tx, buyers: Iterable[Buyer], activity_ids: Iterable[ActivityId]
) -> set[ActivityId]:
    """Of each locked buyer the earliest win that is no renewal and not one of `activity_ids`."""
    rows = await tx.rows(_EARLIEST, **_values(buyers), ids=sorted(activity_ids))
    return {row["activity_id"] for row in rows}


def _values(buyers: Iterable[Buyer]) -> dict[str, list[object]]:
    return _buyers.of(
        {"company_id": company_id, "client_id": client_id}
        for company_id, client_id in sorted(set(buyers))
    )
