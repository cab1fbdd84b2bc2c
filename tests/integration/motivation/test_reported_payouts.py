"""Payroll answers through Kafka: each answer counts once, whatever dies, and for its own tenant."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer

from deploy.environment import Installation
from services.motivation.domain.statements import statement_id
from shared.bus.dead_letters import topic_for
from shared.events import INBOUND_PAYOUTS, Envelope, PublishedEvent
from shared.events.inbound_payouts import PayoutReported
from shared.events.motivation import StatementApproved
from shared.ids import CompanyId, EmployeeId, TenantId, new_id
from tests.integration.motivation.tenant import Tenant
from tests.integration.motivation.test_payouts import approve, closed_month, state, states
from tests.support.bus import Bus, open_bus
from tests.support.money import roubles, rub
from tests.support.months import THIS_MONTH
from tests.support.servers import ROOT, free_ports
from tests.support.service_process import Service
from tests.support.wait import eventually


@pytest.fixture
async def bus(provisioned: Installation) -> AsyncIterator[Bus]:
    async with open_bus(provisioned) as bus:
        yield bus


@pytest.fixture
def consumer(
    provisioned: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    service = consuming(provisioned, tmp_path_factory).start()
    yield service
    service.stop()


@pytest.fixture
async def approved(tenant: Tenant) -> Tenant:
    """Two sellers have earned 50.00 each, and the month was approved."""
    await closed_month(tenant)
    await approve(tenant)
    return tenant


def consuming(installation: Installation, paths: pytest.TempPathFactory) -> Service:
    folder, (port,) = paths.mktemp("payouts"), free_ports(1)
    return Service.of(installation, "motivation", folder, port=port, SALES_PARTS="consumers")


def line(tenant: Tenant, seller: EmployeeId, outcome: str = "paid", **about: Any) -> dict[str, Any]:
    id_ = statement_id(tenant.company, seller, THIS_MONTH)
    return {"statement_id": id_, "outcome": outcome, "amount": rub("50.00"), **about}


def reported(
    tenant: Tenant, payroll_id: str, *lines: dict[str, Any], sender: TenantId | None = None
) -> PublishedEvent:
    event = PayoutReported.model_validate(
        {
            "payroll_id": payroll_id,
            "company_id": tenant.company,
            "period": THIS_MONTH,
            "lines": list(lines),
        }
    )
    moment, company = datetime.now(UTC), UUID(str(tenant.company))
    envelope = Envelope(new_id(), event.type, sender or tenant.id, company, 1, moment)
    return PublishedEvent(envelope, event)


async def test_an_answer_on_the_bus_pays_once(
    approved: Tenant, bus: Bus, consumer: Service
) -> None:
    first, second, _ = approved.sellers
    paid = reported(approved, "ZP-1", line(approved, first), line(approved, second, "accepted"))
    again = reported(approved, "ZP-1", line(approved, second, "accepted"), line(approved, first))
    await bus.publish([paid, paid, again, reported(approved, "ZP-2", line(approved, second))])

    async def month_paid() -> bool:
        return await state(approved) == "paid"

    await eventually(month_paid, 60)
    rows = await approved.query("SELECT payroll_id, recorded_by FROM payout ORDER BY payroll_id")
    assert [tuple(row) for row in rows] == [("ZP-1", None), ("ZP-2", None)]
    (row,) = await approved.query("SELECT count(*) AS lines FROM payout_line")
    assert row["lines"] == 3
    rows = await approved.query("SELECT causation_id FROM outbox WHERE type = 'statement.accepted'")
    assert [row["causation_id"] for row in rows] == [str(paid.envelope.id)]


async def test_what_cannot_be_taken_in_is_a_dead_letter_and_holds_nothing_up(
    approved: Tenant, bus: Bus, consumer: Service, provisioned: Installation
) -> None:
    first, second, _ = approved.sellers
    unknown = reported(approved, "ZP-1", line(approved, first) | {"statement_id": new_id()})
    wrong_sum = reported(approved, "ZP-2", line(approved, first) | {"amount": rub("50.01")})
    stranger = replace(approved, company=CompanyId(new_id()))
    foreign = reported(stranger, "ZP-3", line(approved, first))
    good = reported(approved, "ZP-4", line(approved, second))
    changed = reported(approved, "ZP-4", line(approved, second, "accepted"))
    await bus.publish([unknown, wrong_sum, foreign, good, changed])
    reasons = await eventually(lambda: letters(provisioned, approved.id, 4), 60)
    assert [reason.split(":")[0] for reason in reasons] == [
        "DuplicatePayout",
        "Invalid",
        "Invalid",
        "NotFound",
    ]
    assert await states(approved) == {first: "approved", second: "paid"}


async def test_an_answer_in_another_tenants_name_pays_nobody(
    approved: Tenant, bus: Bus, consumer: Service, provisioned: Installation
) -> None:
    forger = Tenant(approved.context)
    await forger.consume(*forger.directory())
    await closed_month(forger)
    await approve(forger)
    first, second, _ = approved.sellers
    own_company = replace(forger, sellers=approved.sellers)
    await bus.publish(
        [
            reported(approved, "ZP-1", line(approved, first), sender=forger.id),
            reported(own_company, "ZP-2", line(approved, first)),
            reported(approved, "ZP-3", line(approved, second)),
        ]
    )
    reasons = await eventually(lambda: letters(provisioned, forger.id, 2), 60)
    assert [reason.split(":")[0] for reason in reasons] == ["Invalid", "NotFound"]

    async def others_are_paid() -> bool:
        return (await states(approved))[second] == "paid"

    await eventually(others_are_paid, 60)
    assert (await states(approved))[first] == "approved"
    assert set((await states(forger)).values()) == {"approved"}


async def test_a_killed_consumer_loses_and_doubles_no_answer(
    approved: Tenant,
    bus: Bus,
    provisioned: Installation,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    first, second, _ = approved.sellers
    before = await versions(approved)
    answers = [
        reported(approved, f"ZP-{number}", line(approved, (first, second)[number % 2], "accepted"))
        for number in range(60)
    ]
    last = reported(approved, "ZP-60", line(approved, first), line(approved, second))

    async def some() -> bool:
        return bool(await approved.query("SELECT 1 FROM payout LIMIT 1"))

    killed = consuming(provisioned, tmp_path_factory).start()
    sending = asyncio.create_task(bus.publish(answers))
    await eventually(some, 60)
    # What it has committed it may not have acknowledged yet.
    killed.kill()
    await sending
    heir = consuming(provisioned, tmp_path_factory).start()
    await bus.publish([*answers[30:], last])

    async def month_paid() -> bool:
        return await state(approved) == "paid"

    try:
        await eventually(month_paid, 90)
    finally:
        heir.stop()
    (row,) = await approved.query("SELECT count(*) AS lines FROM payout_line")
    assert row["lines"] == 62
    assert await versions(approved) == {id_: version + 31 for id_, version in before.items()}


async def test_the_example_answers_for_each_approved_statement_once(
    approved: Tenant, bus: Bus, consumer: Service, provisioned: Installation, tmp_path: Path
) -> None:
    await bus.publish(approval(approved, seller) for seller in approved.sellers[:2])
    assert (await example(provisioned, tmp_path, "follow", "--until-idle"))[0] == 0
    code, output = await example(provisioned, tmp_path, "answer")
    assert code == 0 and output.endswith("answers sent"), output

    async def month_paid() -> bool:
        return await state(approved) == "paid"

    await eventually(month_paid, 60)
    assert await example(provisioned, tmp_path, "answer") == (0, "0 answers sent")
    (row,) = await approved.query("SELECT count(*) AS answers FROM payout")
    assert row["answers"] == 1


def approval(tenant: Tenant, seller: EmployeeId) -> PublishedEvent:
    id_ = statement_id(tenant.company, seller, THIS_MONTH)
    event = StatementApproved(
        statement_id=id_,
        employee_id=seller,
        personnel_number="001",
        company_id=tenant.company,
        period=THIS_MONTH,
        total=roubles("50.00"),
        approved_at=datetime.now(UTC),
    )
    return tenant.published(event, id_, 3)


async def example(installation: Installation, folder: Path, *arguments: str) -> tuple[int, str]:
    """The payroll example as its users run it, as the broker's user `payroll`."""
    log_in = installation.kafka_of("payroll").as_environment()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.examples.payroll", *arguments),
        *("--file", str(folder / "payroll.sqlite")),
        cwd=ROOT,
        env=os.environ | log_in | {"SALES_NAMESPACE": installation.namespace},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode().strip()


async def versions(tenant: Tenant) -> dict[UUID, int]:
    rows = await tenant.query("SELECT statement_id, version FROM statement")
    return {row["statement_id"]: row["version"] for row in rows}


async def letters(installation: Installation, tenant_id: TenantId, count: int) -> Any:
    """Why the tenant's answers were put aside, once there are so many; no letter keeps what
    payroll wrote.
    """
    reasons = []
    async with AIOKafkaConsumer(
        topic_for(installation.namespace + INBOUND_PAYOUTS, "motivation"),
        **installation.kafka.client_options(),
        auto_offset_reset="earliest",
    ) as reader:
        await reader.seek_to_beginning()
        for records in (await reader.getmany(timeout_ms=2000)).values():
            for record in records:
                about = dict(record.headers)
                if about["dl_tenant"].decode() == str(tenant_id):
                    assert not record.value
                    reasons.append(about["dl_reason"].decode())
    return sorted(reasons) if len(reasons) == count else None
