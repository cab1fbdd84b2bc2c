"""The rules by which a tenant's requests get their source."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.source_rules import MARKS, SourceRule
from services.activities.storage.tables.inbound import source_rules
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import SourceId

_r = source_rules.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_FIND = compiled(select(source_rules).where(_r.tenant_id == _tenant_id))
_new = upsert(source_rules).values(
    tenant_id=_tenant_id,
    version=literal(1),
    changed_at=bindparam("now", type_=Moment),
    rules=bindparam("rules", type_=_r.rules.type),
    default_source_id=bindparam("default_source_id", type_=Uuid),
)
_SET = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id"],
        set_={
            "version": _r.version + 1,
            "changed_at": _new.excluded.changed_at,
            "rules": _new.excluded.rules,
            "default_source_id": _new.excluded.default_source_id,
        },
    ).returning(source_rules)
)
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(source_rules).where(_r.tenant_id == _tenant_id).with_for_update().subquery("locked"),
    )
)


class SourceRules(NamedTuple):
    """The rules in their order, and the source where none fits; version 0 where none were set."""

    rules: list[SourceRule]
    default: SourceId | None
    version: int


async def find(tx: Tx) -> SourceRules:
    """The tenant's rules."""
    return _rules_of(await tx.row(_FIND))


async def lock(tx: Tx) -> SourceRules:
    """The tenant's rules, locked until the transaction ends where there are any."""
    row = await tx.row(_LOCK)
    if row:
        tx.at(row["now"])
    return _rules_of(row)


async def save(tx: Tx, rules: list[SourceRule], default: SourceId | None) -> SourceRules:
    """Sets the rules, one version later."""
    await tx.read_clock()
    stored = [
        {name: _plain(getattr(rule, name)) for name in ("source_id", *MARKS)} for rule in rules
    ]
    row = await tx.row(_SET, rules=stored, default_source_id=default, now=tx.now)
    return _rules_of(row)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _rules_of(row: Row | None) -> SourceRules:
    if row is None:
        return SourceRules([], None, 0)
    return SourceRules(
        [_rule(stored) for stored in row["rules"]], row["default_source_id"], row["version"]
    )


def _rule(stored: Mapping[str, Any]) -> SourceRule:
    marks = {name: stored[name] for name in MARKS}
    return SourceRule(source_id=SourceId(UUID(stored["source_id"])), **marks)
