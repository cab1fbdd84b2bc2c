"""What an accountant decides on payments from outside."""

from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.payers import OTHER_INN, Payers, share_of
from tests.support.money import rub


@pytest.fixture
async def payers(new_tenant: NewTenant) -> Payers:
    return await Payers.of(await new_tenant())


async def test_one_press_books_what_was_suggested(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", "оплата", 400)
    (share,) = payment["suggestions"][0]["shares"]
    body = {name: share[name] for name in ("activity_id", "invoice_id", "amount")}
    booked = await payers.decided(payment, "match", shares=[body])
    assert (booked["state"], booked["version"], booked["suggestions"]) == ("booked", 2, [])
    assert (await payers.tenant.see(activity))["paid"] == rub(400)
    refused = await payers.decide(payment, "match", shares=[body])
    assert (refused.status, refused.body["code"], refused.body["state"]) == (
        409,
        "payment_already_matched",
        "booked",
    )
    assert await payers.listed() == []


async def test_a_payment_is_split_over_invoices(payers: Payers) -> None:
    first, second = await payers.owing("2026-17", amount=600), await payers.owing("18", amount=400)
    payment = await payers.report("erp-1", "по счетам 2026-17 и 18")
    assert payment["certainty"] == "suggested"
    suggestion = payment["suggestions"][0]
    assert suggestion["reasons"] == ["number", "payer_inn", "sum", "split"]
    booked = await payers.match(payment, (first, 600), (second, 400))
    assert [part["amount"] for part in booked.body["bookings"]] == [rub(600), rub(400)]
    for activity, amount in ((first, 600), (second, 400)):
        seen = await payers.tenant.see(activity)
        assert (seen["status"], seen["paid"]) == ("won", rub(amount))
    sales = [(await payers.tenant.see(activity))["sale"] for activity in (first, second)]
    assert sorted(sales) == ["first", "repeat"]


async def test_shares_that_are_not_the_payment_are_refused(
    payers: Payers, new_tenant: NewTenant
) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", "оплата", 400)
    other = await new_tenant()
    theirs = await other.register(await other.user(), take=True)
    share = share_of(activity, 400)
    halves = [share_of(activity, 200)] * 2
    for shares, status, field in [
        ([share_of(activity, 399)], 422, "shares"),
        (halves, 422, "shares.1"),
        ([], 422, "shares"),
        ([{**share, "activity_id": theirs["id"]}], 404, "shares.0.activity_id"),
        ([{**share, "invoice_id": theirs["id"]}], 404, "shares.0.invoice_id"),
    ]:
        refused = await payers.decide(payment, "match", shares=shares)
        (error,) = refused.body["errors"]
        assert (refused.status, error["field"]) == (status, field), refused.body
    assert (await payers.see(payment))["version"] == 1


async def test_another_companys_activity_takes_no_money_of_this_one(payers: Payers) -> None:
    tenant = payers.tenant
    company = await tenant.create("/companies", name="Степь")
    payment = await payers.report("erp-1", "", company_id=company["id"])
    activity = await payers.owing("2026-17")
    refused = await payers.match(payment, (activity, 1000))
    (error,) = refused.body["errors"]
    assert (refused.status, error["rule"]) == (422, "of_company")


async def test_undoing_strikes_out_and_takes_the_win_back(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", "счет 2026-17")
    undone = await payers.decided(payment, "undo", reason="не тот счёт")
    assert (undone["state"], undone["bookings"], undone["certainty"]) == (
        "unmatched",
        [],
        "suggested",
    )
    seen = await payers.tenant.see(activity)
    assert (seen["status"], seen["paid"], seen["payments"][0]["state"]) == (
        "in_work",
        rub(0),
        "struck",
    )
    entry = seen["timeline"][1]
    assert (entry["what"], entry["note"]) == ("payment.struck", "не тот счёт")
    history = (await payers.see(payment))["history"]
    assert [(each["what"], each["note"]) for each in history] == [
        ("undone", "не тот счёт"),
        ("booked", None),
    ]
    again = await payers.decide(payment, "undo", reason="ещё раз")
    assert (again.status, again.body["code"]) == (409, "payment_not_matched")
    assert (await payers.match(payment, (activity, 1000))).status == 200
    assert (await payers.tenant.see(activity))["paid"] == rub(1000)
    await payers.report("erp-1", "счет 2026-17")
    assert (await payers.tenant.see(activity))["paid"] == rub(1000), "the sender's repeat"


async def test_an_undone_confirmation_leaves_the_claim(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    await payers.tenant.do(payers.seller, activity, "payments", amount=rub(1000))
    payment = await payers.report("erp-1", "счет 2026-17")
    await payers.decided(payment, "undo", reason="чужой платёж")
    seen = await payers.tenant.see(activity)
    assert (seen["status"], seen["paid"], seen["claimed"]) == ("in_work", rub(0), rub(1000))
    claimed = [each for each in seen["payments"] if each["state"] == "claimed"]
    assert [each["recorded_by"] for each in claimed] == [str(payers.seller.id)]
    rebooked = await payers.match(payment, (activity, 1000))
    assert rebooked.body["bookings"][0]["was"] == "claimed"


async def test_what_was_recorded_before_stays_when_undone(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    body = {"amount": rub(1000), "external_id": "erp-1"}
    await payers.tenant.do(payers.accountant, activity, "payments", **body)
    payment = await payers.report("erp-1", "")
    undone = await payers.decided(payment, "undo", reason="ошибка")
    assert undone["state"] == "unmatched"
    assert (await payers.tenant.see(activity))["paid"] == rub(1000)


async def test_refunded_money_is_not_undone(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", "счет 2026-17")
    (paid,) = (await payers.tenant.see(activity))["payments"]
    refund = {"amount": rub(1), "payment_id": paid["id"], "reason": "брак"}
    await payers.tenant.do(payers.accountant, activity, "refunds", **refund)
    refused = await payers.decide(payment, "undo", reason="ошибка")
    assert (refused.status, refused.body["code"]) == (409, "already_refunded")
    assert (await payers.see(payment))["state"] == "booked"


async def test_a_booked_payment_is_not_struck_out_behind_its_match(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", "счет 2026-17")
    path = f"payments/{payment['bookings'][0]['payment_id']}/strike"
    refused = await payers.tenant.command(payers.accountant, activity, path, reason="ошибка")
    assert (refused.status, refused.body["code"], refused.body["inbound_payment_id"]) == (
        409,
        "payment_matched",
        payment["id"],
    )


async def test_money_that_went_back_is_booked_as_a_refund(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    await payers.report("erp-1", "счет 2026-17")
    back = await payers.report("erp-2", "возврат по счету 2026-17", 300, direction="out")
    assert back["suggestions"][0]["reasons"] == ["number", "payer_inn", "part"]
    assert (await payers.match(back, (activity, 300))).status == 200
    seen = await payers.tenant.see(activity)
    (refund,) = seen["refunds"]
    assert (seen["paid"], refund["payment_id"], refund["external_id"]) == (
        rub(700),
        seen["payments"][0]["id"],
        "erp-2",
    )
    more = await payers.report("erp-3", "возврат", 701, direction="out")
    refused = await payers.match(more, (activity, 701))
    assert (refused.status, refused.body["code"]) == (409, "refund_exceeds_paid")


async def test_a_booked_refund_is_undone_and_booked_again(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    await payers.report("erp-1", "счет 2026-17")
    back = await payers.report("erp-2", "возврат по счету 2026-17", 1000, direction="out")
    await payers.match(back, (activity, 1000))
    assert (await payers.tenant.see(activity))["status"] == "in_work"
    undone = await payers.decided(back, "undo", reason="возврата не было")
    assert (undone["state"], undone["bookings"]) == ("unmatched", [])
    seen = await payers.tenant.see(activity)
    assert (seen["status"], seen["paid"], seen["refunds"]) == ("won", rub(1000), [])
    entry = next(each for each in seen["timeline"] if each["what"] == "payment.refund_struck")
    assert entry["note"] == "возврата не было"
    assert (await payers.match(back, (activity, 1000))).status == 200
    (refund,) = (await payers.tenant.see(activity))["refunds"]
    assert refund["external_id"] == "erp-2"


async def test_what_is_none_of_ours_is_set_aside_and_restored(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", "заем", 400)
    aside = await payers.decided(payment, "set-aside", reason="заём учредителя")
    assert (aside["state"], aside["suggestions"]) == ("set_aside", [])
    assert (await payers.decided(payment, "set-aside", reason="ещё раз"))["version"] == 2
    refused = await payers.match(payment, (activity, 400))
    assert refused.body["code"] == "payment_already_matched"
    restored = await payers.decided(payment, "restore")
    assert restored["state"] == "unmatched"
    assert (await payers.decided(payment, "restore"))["version"] == 3
    await payers.match(payment, (activity, 400))
    for what, body in (("set-aside", {"reason": "поздно"}), ("restore", {})):
        refused = await payers.decide(payment, what, **body)
        assert (refused.status, refused.body["code"]) == (409, "payment_already_matched")


async def test_a_payment_of_another_tenant_does_not_exist(
    payers: Payers, new_tenant: NewTenant
) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", "оплата", 400)
    other = Payers(await new_tenant(), payers.seller, payers.accountant)
    decisions: dict[str, Any] = {
        "match": {"shares": [share_of(activity, 400)]},
        "undo": {"reason": "x1"},
        "set-aside": {"reason": "x1"},
        "restore": {},
    }
    for what, body in decisions.items():
        assert (await other.decide(payment, what, **body)).status == 404
    assert (await other.see(payment))["code"] == "not_found"
    assert OTHER_INN not in str(await other.listed(""))
