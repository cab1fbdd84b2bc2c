"""The service as a process: events from Kafka in, pay by HTTP and Kafka out."""

from collections.abc import Callable

from shared.ids import ActivityId, new_id
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.tenant import PERCENT, ids
from tests.support.months import THIS_MONTH
from tests.support.servers import free_ports
from tests.support.service_process import Service

INBOUND_BONUS = {
    "kind": "fixed",
    "amount": {"amount": "300.00", "currency": "RUB"},
    "source_kind": "inbound",
}


async def test_a_win_on_kafka_becomes_pay_by_http_and_on_kafka(api: TenantApi) -> None:
    tenant, activity = api.tenant, ActivityId(new_id())
    await api.plan(PERCENT, INBOUND_BONUS)
    await api.publish(
        tenant.event(activity, 1, tenant.state("1000")),
        tenant.event(activity, 2, tenant.state("400")),
    )
    statement = await api.statement("20.00")
    accrual, correction = statement["lines"]
    assert (accrual["kind"], accrual["amount"]["amount"]) == ("accrual", "50.00")
    assert accrual["personnel_number"] == "001"
    assert (correction["kind"], correction["amount"]["amount"]) == ("correction", "-30.00")
    assert correction["corrects"] == accrual["id"]
    assert len(statement["checksum"]) == 64
    assert statement["closed_at"] is None
    assert statement["lines"][0]["posted_at"].endswith("Z")
    events = await api.published(3)
    assert [event["type"] for event in events] == [
        "plan.published",
        "accrual.posted",
        "correction.posted",
    ]
    assert events[2]["value"]["statement_total"] == {"amount": "20.00", "currency": "RUB"}


async def test_an_accrual_is_explained_by_its_rule_inputs_and_events(api: TenantApi) -> None:
    tenant, activity = api.tenant, ActivityId(new_id())
    await api.plan(PERCENT, INBOUND_BONUS)
    events = [
        tenant.event(activity, 1, tenant.state("1000")),
        tenant.event(activity, 2, tenant.state("400")),
    ]
    await api.publish(*events)
    accrual, correction = (await api.statement("20.00"))["lines"]
    seller = api.user("seller", employee=tenant.sellers[0])
    status, explained = await seller.send("GET", f"/accruals/{accrual['id']}")
    assert status == 200
    assert explained["rule"] == {
        "name": "1:percent_of_receipts",
        "terms": {
            **PERCENT,
            "base": "receipts",
            "product_category": None,
            "source_kind": None,
            "sale": None,
            "vip_coefficient": "1.00",
            "cap": None,
            "recipients": [],
        },
    }
    assert explained["inputs"] == {
        "won_at": f"{THIS_MONTH.day(20)}T12:00:00Z",
        "won_on": f"{THIS_MONTH.day(20)}",
        "caused_by": None,
        "attained": None,
        "rate": None,
        "month_total": None,
        "products": None,
        "receipts": "1000.00",
        "currency": "RUB",
        "source_kind": "cold",
        "sale": "first",
        "vip": False,
        "base": "1000.00",
        "line": "50.00",
        "share": "1.0000",
        "earned": "50.00",
        "posted_before": "0.00",
    }
    assert [(event["id"], event["version"]) for event in explained["facts"]] == [
        (str(events[0].envelope.id), 1)
    ]
    assert [entry["id"] for entry in explained["corrections"]] == [correction["id"]]
    _, explained = await api.user("admin").send("GET", f"/accruals/{correction['id']}")
    assert explained["inputs"]["posted_before"] == "50.00"
    assert len(explained["facts"]) == 2


async def test_two_replicas_share_the_events(
    api: TenantApi, service: Callable[..., Service]
) -> None:
    await api.plan()
    (port,) = free_ports(1)
    service("motivation", port=port).start()
    tenant = api.tenant
    shares = dict(zip(tenant.sellers, ["0.5", "0.3", "0.2"], strict=True))
    for _ in range(5):
        state = tenant.state("1000", shares=shares)
        await api.publish(*(tenant.event(activity, 1, state) for activity in ids(20)))
    for seller, total in zip(tenant.sellers, ["2500.00", "1500.00", "1000.00"], strict=True):
        assert len((await api.statement(total, seller))["lines"]) == 100
