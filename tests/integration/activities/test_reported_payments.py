"""Payments that a bank or an ERP reports through Kafka: each is booked once, whatever dies."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.environment import Installation
from shared.bus.dead_letters import topic_for
from shared.events import INBOUND_PAYMENTS, Envelope, PublishedEvent, headers, key
from shared.events.inbound_payments import PaymentReported
from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.payers import INN, Payers
from tests.integration.activities.shop import today
from tests.support.bus import Bus, open_bus
from tests.support.money import rub
from tests.support.servers import free_ports
from tests.support.service_process import Service
from tests.support.wait import eventually


@pytest_asyncio.fixture(scope="module")
async def bus(provisioned: Installation) -> AsyncIterator[Bus]:
    async with open_bus(provisioned) as bus:
        yield bus


@pytest.fixture
def consumer(
    provisioned: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    service = _consumer(provisioned, tmp_path_factory).start()
    yield service
    service.stop()


@pytest.fixture
async def payers(new_tenant: NewTenant) -> Payers:
    return await Payers.of(await new_tenant())


def _consumer(installation: Installation, paths: pytest.TempPathFactory) -> Service:
    """A process that consumes, beside the one that answers."""
    folder, (port,) = paths.mktemp("consumer"), free_ports(1)
    return Service.of(installation, "activities", folder, port=port, SALES_PARTS="consumers")


def reported(payers: Payers, external_id: str, **about: Any) -> PublishedEvent:
    data: dict[str, Any] = {
        "external_id": external_id,
        "company_id": payers.tenant.company_id,
        "amount": rub(1000),
        "received_on": today().isoformat(),
        "payer": {"inn": INN},
        "purpose": "счет 2026-17",
        **about,
    }
    event = PaymentReported.model_validate(data)
    subject = new_id()
    moment = datetime.now(UTC)
    envelope = Envelope(new_id(), event.type, payers.tenant.tenant_id, subject, 1, moment)
    return PublishedEvent(envelope, event)


async def _booked(payers: Payers, count: int) -> Any:
    items = await payers.listed("?state=booked&limit=200")
    return items if len(items) == count else None


async def test_a_reported_payment_is_booked_once(
    payers: Payers, bus: Bus, consumer: Service
) -> None:
    activity = await payers.owing("2026-17")
    await payers.owing("2026-18")
    first = reported(payers, "erp-1")
    await bus.publish([first, first, reported(payers, "erp-1")])
    await bus.publish([reported(payers, "erp-2", purpose="счет 2026-18", payer={})])
    (payment,) = await eventually(lambda: _booked(payers, 1))
    assert (payment["origin"], payment["entered_by"]) == ("bus", None)

    async def waiting() -> Any:
        return await payers.listed()

    (unmatched,) = await eventually(waiting)
    assert (unmatched["external_id"], unmatched["certainty"]) == ("erp-2", "suggested")
    assert (await payers.tenant.see(activity))["paid"] == rub(1000)
    assert (await payers.see(payment))["history"][0]["who"] is None
    again = await payers.try_report("erp-1", "счет 2026-17")
    assert again.status == 200, "whatever the door"


async def test_what_cannot_be_taken_in_is_a_dead_letter_and_holds_nothing_up(
    payers: Payers, bus: Bus, consumer: Service, provisioned: Installation
) -> None:
    await payers.owing("2026-17")
    company = reported(payers, "erp-1", company_id=new_id())
    broken = reported(payers, "erp-2")
    topic = provisioned.namespace + INBOUND_PAYMENTS
    async with AIOKafkaProducer(**provisioned.kafka.client_options()) as producer:
        envelope = broken.envelope
        await producer.send_and_wait(
            topic,
            b'{"external_id": "erp-2", "amount": "a lot"}',
            key=key(envelope.tenant_id, envelope.subject),
            headers=headers(envelope, "inbound_payment", "erp"),
        )
    await bus.publish([company, reported(payers, "erp-3")])
    await eventually(lambda: _booked(payers, 1))

    async def letters() -> Any:
        reasons = await _dead_letters(provisioned, topic, payers)
        return reasons if len(reasons) == 2 else None

    reasons = sorted(await eventually(letters))
    assert reasons[0].startswith("NotFound")
    assert reasons[1].startswith("data of inbound_payment.reported breaks its schema")
    assert [item["external_id"] for item in await payers.listed("")] == ["erp-3"]


async def test_a_killed_consumer_loses_and_doubles_nothing(
    payers: Payers,
    bus: Bus,
    provisioned: Installation,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    invoices = [await payers.owing(f"2026-{number}") for number in range(12)]
    payments = [
        reported(payers, f"erp-{number}", purpose=f"счет 2026-{number}") for number in range(12)
    ]
    first = _consumer(provisioned, tmp_path_factory).start()
    await bus.publish(payments[:8])
    first.kill()
    second = _consumer(provisioned, tmp_path_factory).start()
    await bus.publish(payments[4:])
    try:
        await eventually(lambda: _booked(payers, 12), 60)
    finally:
        second.stop()
    for activity in invoices:
        seen = await payers.tenant.see(activity)
        assert (seen["paid"], len(seen["payments"])) == (rub(1000), 1)


async def _dead_letters(installation: Installation, topic: str, payers: Payers) -> list[str]:
    """Why the tenant's records were put aside; the letters keep no payer's name."""
    reasons = []
    async with AIOKafkaConsumer(
        topic_for(topic, "activities"),
        **installation.kafka.client_options(),
        auto_offset_reset="earliest",
    ) as reader:
        await reader.seek_to_beginning()
        for records in (await reader.getmany(timeout_ms=2000)).values():
            for record in records:
                about = dict(record.headers)
                if about["dl_tenant"].decode() == str(payers.tenant.tenant_id):
                    assert not record.value
                    reasons.append(about["dl_reason"].decode())
    return reasons
