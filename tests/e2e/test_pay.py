"""6. Pay follows from what was won, to the kopeck, and says why."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest_asyncio

from tests.e2e.office import Office
from tests.support.client import User
from tests.support.money import rub
from tests.support.wait import eventually

RULES: list[dict[str, Any]] = [
    {"kind": "percent_of_receipts", "percent": "5.00", "product_category": "Подписки"},
    {"kind": "fixed", "amount": rub("500.00"), "source_kind": "inbound"},
    {"kind": "percent_of_receipts", "percent": "1.00"},
]


@pytest_asyncio.fixture(scope="module", autouse=True)
async def plan(office: Office) -> dict[str, Any]:
    published: dict[str, Any] = await office.publish_plan(RULES)
    return published


def _of(statement: dict[str, Any], activity: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for line in statement["lines"] if line["activity_id"] == activity["id"]]


def _sum(lines: Iterable[dict[str, Any]]) -> str:
    return f"{sum((Decimal(line['amount']['amount']) for line in lines), Decimal()):.2f}"


async def pay_of(seller: User, activity: dict[str, Any], lines: int) -> list[dict[str, Any]]:
    """The seller's lines for the activity once there are as many."""

    async def look() -> list[dict[str, Any]] | None:
        statement = await seller.see("/motivation/statement")
        assert statement["total"]["amount"] == _sum(statement["lines"])
        found = _of(statement, activity)
        assert len(found) <= lines, found
        return found if len(found) == lines else None

    return await eventually(look) or []


async def test_a_win_is_paid_by_every_rule_that_matches_within_a_moment(
    office: Office, plan: dict[str, Any]
) -> None:
    won = await office.win(office.anna, "odd", source="inbound")
    lines = await pay_of(office.anna, won, 3)
    # 333.33 × 5 % = 16.6665, 333.33 × 1 % = 3.3333: to the kopeck, halves up.
    assert sorted(line["amount"]["amount"] for line in lines) == ["16.67", "3.33", "500.00"]
    assert {line["kind"] for line in lines} == {"accrual"} and {
        line["plan_version"] for line in lines
    } == {plan["plan_version"]}
    cold = await office.win(office.anna, "plain", "odd")
    # 333.33 of 1,333.33 received are for the subscription.
    assert sorted(line["amount"]["amount"] for line in await pay_of(office.anna, cold, 2)) == [
        "13.33",
        "16.67",
    ]


async def test_an_entry_explains_itself_by_rule_inputs_and_events(
    office: Office,
) -> None:
    won = await office.win(office.anna, "odd", source="inbound")
    lines = await pay_of(office.anna, won, 3)
    line = next(line for line in lines if line["amount"]["amount"] == "16.67")
    why = await office.anna.see(f"/motivation/accruals/{line['id']}")
    terms = {name: value for name, value in why["rule"]["terms"].items() if value is not None}
    assert terms == RULES[0] | {"base": "receipts", "vip_coefficient": "1.00", "recipients": []}
    inputs = {
        name: why["inputs"][name] for name in ("receipts", "base", "source_kind", "sale", "earned")
    }
    assert inputs == {
        "receipts": "333.33",
        "base": "333.33",
        "source_kind": "inbound",
        "sale": "first",
        "earned": "16.67",
    }
    chain = [fact["type"] for fact in why["facts"]]
    assert (
        chain[0] == "activity.registered"
        and chain[-1] == "activity.won"
        and {"invoice.issued", "payment.received"} < set(chain)
    )
    assert [fact["version"] for fact in why["facts"]] == list(range(1, len(chain) + 1))
    assert (await office.boris.call("GET", f"/motivation/accruals/{line['id']}")).status == 404


async def test_a_refund_posts_corrections_that_point_at_what_they_correct(office: Office) -> None:
    won = await office.win(office.boris, "odd", source="inbound")
    accruals = {line["id"]: line for line in await pay_of(office.boris, won, 3)}
    await office.accountant.do(
        f"/activities/{won['id']}/refunds", {"amount": rub("100.00"), "reason": "скидка"}
    )
    lines = await pay_of(office.boris, won, 5)
    corrections = [line for line in lines if line["kind"] == "correction"]
    # 233.33 left: 11.67 (11.6665) and 2.33 (2.3333); the fixed amount stays.
    assert {
        accruals[line["corrects"]]["amount"]["amount"]: line["amount"]["amount"]
        for line in corrections
    } == {
        "16.67": "-5.00",
        "3.33": "-1.00",
    }
    await office.accountant.do(
        f"/activities/{won['id']}/refunds", {"amount": rub("233.33"), "reason": "расторгли"}
    )
    lines = await pay_of(office.boris, won, 8)
    assert _sum(lines) == "0.00"
    for line_id in accruals:
        assert _sum(line for line in lines if line_id in (line["id"], line["corrects"])) == "0.00"


async def test_shared_pay_is_divided_to_the_kopeck_and_a_new_split_corrects_it(
    office: Office,
) -> None:
    won = await office.win(office.anna, "odd", source="inbound")
    (whole,) = {_sum(await pay_of(office.anna, won, 3))}
    shares = [
        {"employee_id": office.anna.id, "share": "0.7"},
        {"employee_id": office.boris.id, "share": "0.3"},
    ]
    path = f"/activities/{won['id']}/split"
    proposal = (await office.anna.do(path, {"shares": shares}))["split_proposal"]
    assert _sum(await pay_of(office.anna, won, 3)) == whole
    await office.boris.do(f"{path}/{proposal['id']}/accept", {})
    hers, his = _sum(await pay_of(office.anna, won, 6)), _sum(await pay_of(office.boris, won, 3))
    assert (hers, his) == ("364.00", "156.00") and Decimal(hers) + Decimal(his) == Decimal(
        whole
    ) == Decimal("520.00")


async def test_a_seller_sees_their_own_pay_a_head_that_of_the_room_an_accountant_everyones(
    office: Office,
) -> None:
    won = await office.win(office.anna, "plain")
    await pay_of(office.anna, won, 1)
    path = f"/motivation/statement?employee_id={office.anna.id}"
    assert {
        (await person.call("GET", path)).status
        for person in (office.anna, office.head, office.accountant, office.admin)
    } == {200}
    assert {(await person.call("GET", path)).status for person in (office.boris, office.vera)} == {
        404
    }
