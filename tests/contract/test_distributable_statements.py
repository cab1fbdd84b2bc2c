"""Statements that Citus would refuse, found without Citus: rules of docs/operations.md.

What PostgreSQL takes and a distributed table does not: a volatile function in what an UPDATE or a
DELETE evaluates (each node would have its own moment), a subquery among an INSERT's values or in
what it returns, a statement that names no tenant.
"""

import gc
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import pytest

from deploy.environment import SERVICES
from shared.db import Statement

_VOLATILE = re.compile(r"\b(clock_timestamp|random|gen_random_uuid|nextval|timeofday)\(")
_WRITE = re.compile(r"(?<!FOR )(?<!DO )\b(?:UPDATE [a-z]|DELETE FROM|INSERT INTO)")
_TEXT = re.compile(
    r"\b(?:UPDATE [a-z]+ |DELETE FROM |INSERT INTO |SELECT .*\bFROM [a-z])", re.DOTALL
)
_READS_A_TABLE = re.compile(r"\b(?:FROM|UPDATE|INTO) [a-z]")
NOT_SET_UP = {"migrations", "app"}

WITHOUT_TENANT = {
    # The function has the tenant as its first argument.
    "services.activities.queries.by_name._FOUND",
    # Counted, or deleted when kept long enough, by the worker's role for all tenants.
    "services.activities.storage.calls.PRUNE",
    "services.activities.storage.inbound_messages.PRUNE",
    "services.activities.timers.PRUNE",
    "services.gateway.storage.audit.PRUNE",
    "services.motivation.storage.unpaid._COUNT",
    "shared.jobs.worker._COUNT",
    # The installation's, nobody's: keys of tokens, a consumer's progress, who is connected.
    "services.gateway.storage.token_keys._ADD",
    "services.gateway.storage.token_keys._FIND_ALL",
    "services.gateway.storage.token_keys._DELETE",
    "shared.bus.offsets._LOAD",
    "shared.bus.offsets._NEW",
    "shared.bus.offsets._ADVANCE",
    "shared.bus.offsets._ADD_HOLE",
    "shared.bus.offsets._HOLES",
    "shared.bus.offsets._ACCEPT",
    "shared.outbox.relay._SESSIONS",
}


def breaches(sql: str) -> list[str]:
    """What of `sql` a distributed table would refuse, in words."""
    found = []
    for write in _writes(sql):
        changed = write.partition(" RETURNING ")[0]
        if not write.startswith("INSERT") or "DO UPDATE" in write:
            kept = changed.partition("DO UPDATE")[2] or changed
            found += [f"{name}() in a change" for name in _VOLATILE.findall(kept)]
        if write.startswith("INSERT"):
            values = re.search(r"\bVALUES\b", changed)
            returned = write.partition(" RETURNING ")[2]
            if (values and "(SELECT" in changed[values.end() :]) or "(SELECT" in returned:
                found.append("a subquery within INSERT")
    if "tenant_id" not in sql and _READS_A_TABLE.search(sql):
        found.append("no tenant")
    return found


def _writes(sql: str) -> Iterator[str]:
    """Each changing part of a statement, from its verb to the end of its parenthesis."""
    for verb in _WRITE.finditer(sql):
        depth = 0
        for end, sign in enumerate(sql[verb.start() :], verb.start()):
            depth += (sign == "(") - (sign == ")")
            if depth < 0:
                yield sql[verb.start() : end]
                break
        else:
            yield sql[verb.start() :]


def _statements() -> dict[str, str]:
    """Every statement and text of SQL that stands in a module, by where; others by number."""
    found: dict[str, str] = {}
    known = set()
    for package in ("shared", *(f"services.{service}" for service in SERVICES)):
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if not NOT_SET_UP.isdisjoint(module.name.split(".")):
                continue
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, Statement):
                    found.setdefault(f"{module.name}.{name}", value.sql)
                    known.add(id(value))
                elif isinstance(value, str) and not name.startswith("__") and _TEXT.search(value):
                    found[f"{module.name}.{name}"] = value
    others = (each for each in gc.get_objects() if isinstance(each, Statement))
    unnamed = [each.sql for each in others if id(each) not in known]
    return found | {f"unnamed {number}": sql for number, sql in enumerate(unnamed)}


def test_every_statement_can_run_on_distributed_tables() -> None:
    statements = _statements()
    assert len(statements) > 600
    found = {
        f"{where}: {breach}"
        for where, sql in statements.items()
        for breach in breaches(sql)
        if breach != "no tenant" or where not in WITHOUT_TENANT
    }
    assert not found, "\n".join(sorted(found))


def test_exceptions_are_statements_that_need_one() -> None:
    statements = _statements()
    for where in WITHOUT_TENANT:
        assert "no tenant" in breaches(statements[where]), where


@pytest.mark.parametrize(
    ("sql", "breach"),
    [
        (
            "UPDATE session SET ended_at = clock_timestamp() WHERE tenant_id = $1",
            ["clock_timestamp() in a change"],
        ),
        (
            "WITH gone AS (DELETE FROM link WHERE tenant_id = $1 AND until < clock_timestamp())"
            " SELECT count(*) FROM gone",
            ["clock_timestamp() in a change"],
        ),
        (
            "INSERT INTO login (tenant_id, at) VALUES ($1, $2)"
            " ON CONFLICT (tenant_id) DO UPDATE SET at = random()",
            ["random() in a change"],
        ),
        (
            "INSERT INTO vip (tenant_id, covers) VALUES ($1, EXISTS (SELECT 1 FROM groups))",
            ["a subquery within INSERT"],
        ),
        (
            "INSERT INTO receipt (tenant_id) VALUES ($1) RETURNING EXISTS (SELECT 1 FROM refund)",
            ["a subquery within INSERT"],
        ),
        ("SELECT count(*) FROM vip", ["no tenant"]),
        ("SELECT clock_timestamp() AS now FROM vip WHERE tenant_id = $1 FOR UPDATE", []),
        ("UPDATE session SET ended_at = statement_timestamp() WHERE tenant_id = $1", []),
        ("INSERT INTO vip (tenant_id, covers) SELECT $1, EXISTS (SELECT 1 FROM groups)", []),
    ],
)
def test_a_breach_is_seen(sql: str, breach: list[str]) -> None:
    assert breaches(sql) == breach
