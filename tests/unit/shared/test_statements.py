"""Statements are compiled once, at import: every one of every service has its parameters in
order.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from sqlalchemy import BigInteger, Text, Uuid, bindparam, insert, literal, select, update

import services
from shared.db import Statement, compiled, writing
from shared.db.tables import IDEMPOTENT_RESPONSE, INBOX, OUTBOX


def statements() -> Iterator[tuple[str, Statement]]:
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if ".storage." in found.name or ".queries" in found.name:
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if isinstance(value, Statement):
                    yield f"{found.name}.{name}", value
                elif is_dataclass(value) and not isinstance(value, type):
                    for field in fields(value):
                        if isinstance(getattr(value, field.name), Statement):
                            yield f"{found.name}.{name}.{field.name}", getattr(value, field.name)


ALL = dict(statements())


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_statement_numbers_its_parameters_from_one_without_holes(name: str) -> None:
    statement = ALL[name]
    numbers = {int(number) for number in re.findall(r"\$(\d+)", statement.sql)}
    assert numbers == set(range(1, len(statement.names) + 1))
    assert set(statement.defaults) <= set(statement.names)


OF_ALL_TENANTS = {
    # Which tenants have something due: the worker's plain reads of a few columns.
    "services.activities.storage.room_settings.UNSETTLED",
    "services.activities.storage.due.TENANTS_WITH_DUE",
    "services.activities.storage.renewals.TENANTS_WITH_DUE",
    "services.activities.storage.due.TENANTS_WITH_ALERTS",
    "services.activities.storage.planned_settings.TENANTS_WITH_PLANNED",
    "services.activities.storage.uploads.TENANTS_WITH_EXPIRED",
    "services.activities.storage.new_invoices.TENANTS_WITH_NEW",
    "services.activities.storage.calls.TENANTS_WITH_UNENDED",
    "services.vip.storage.due.TENANTS_WITH_DUE",
    "services.vip.storage.due.TENANTS_WITH_WARNINGS",
    "services.gateway.storage.notifications.TENANTS_WITH_DUE",
    "services.gateway.storage.room_notices.TENANTS_WITH_DUE",
    "services.gateway.storage.deliveries.TENANTS_WITH_DUE",
    "services.motivation.storage.tenants._NEXT",
    "services.motivation.storage.unpaid._COUNT",
    "services.motivation.storage.month_ends.TENANTS_WITH_ENDED",
    # Before a log-in there is nothing but an e-mail, which names the tenant.
    "services.gateway.storage.logins._FIND_ALL",
    "services.gateway.storage.tenant_names._FIND",
    "services.gateway.storage.tenant_names._OF",
    # The worker prunes by age and reads nothing else.
    "services.gateway.storage.audit.PRUNE",
    "services.activities.storage.inbound_messages.PRUNE",
    "services.activities.storage.calls.PRUNE",
    # In the order of tenants, the next one's id and nothing else.
    "services.gateway.storage.logins._NEXT_TENANT",
    # The installation's: names of generations of keys.
    "services.gateway.storage.token_keys._ADD",
    "services.gateway.storage.token_keys._DELETE",
    "services.gateway.storage.token_keys._FIND_ALL",
    # Tells the tenant to a function, whose query names it.
    "services.activities.queries.by_name._FOUND",
}


@pytest.mark.parametrize("name", sorted(ALL.keys() - OF_ALL_TENANTS))
def test_a_statement_names_the_tenant(name: str) -> None:
    """The first wall: a query names its tenant itself; row-level security is the second."""
    sql = ALL[name].sql
    assert re.search(r"tenant_id = \$\d", sql) or re.search(
        r"INSERT INTO \w+ \(([\w, ]*, )?tenant_id[,)]", sql
    ), sql


def test_there_are_statements_to_check() -> None:
    assert len(ALL) > 40


def test_values_are_put_in_the_order_of_the_statement() -> None:
    wanted = select(OUTBOX.c.topic).where(
        OUTBOX.c.tenant_id == bindparam("tenant_id", type_=Uuid),
        OUTBOX.c.aggregate_version > bindparam("least", type_=BigInteger),
    )
    built = compiled(wanted)
    assert built.arguments({"least": 5, "tenant_id": "t"}) == [
        {"least": 5, "tenant_id": "t"}[name] for name in built.names
    ]
    with pytest.raises(KeyError):
        built.arguments({"least": 5})


def test_literals_are_kept_as_defaults() -> None:
    built = compiled(
        select(INBOX.c.event_id).where(
            INBOX.c.seen_at.is_not(None), literal("X 1", Text) == bindparam("said", type_=Text)
        )
    )
    assert built.arguments({"said": "y"}) in (["X 1", "y"], ["y", "X 1"])


def test_codes_stand_in_the_text_where_the_plan_sees_them() -> None:
    built = compiled(
        select(OUTBOX.c.event_id).where(
            OUTBOX.c.type == "activity.won", OUTBOX.c.noun == bindparam("noun", "x", Text)
        )
    )
    assert "outbox.type = 'activity.won'" in built.sql
    assert built.names == ("noun",)


def test_a_writing_statement_carries_events_and_response() -> None:
    change = (
        update(OUTBOX)
        .where(OUTBOX.c.tenant_id == bindparam("tenant_id", type_=Uuid))
        .values(topic=bindparam("topic", type_=Text))
    )
    other = insert(INBOX).values(
        tenant_id=bindparam("tenant_id", type_=Uuid), event_id=bindparam("event_id", type_=Uuid)
    )
    built = writing(change, other)
    for table in (OUTBOX, INBOX, IDEMPOTENT_RESPONSE):
        assert f" {table.name}" in built.sql
    assert {
        "tenant_id",
        "topic",
        "event_id",
        "tx_tenant",
        "tx_now",
        "event_event_id",
        "response_key",
    } <= set(built.names)
    assert ") SELECT (SELECT count(*)" in re.sub(r"\s+", " ", built.sql), (
        "how many rows the first change touched"
    )
