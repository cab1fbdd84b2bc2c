"""Payments that are reported from outside: the sure ones are booked, the others wait."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.payers import OTHER_INN, Payers
from tests.integration.activities.shop import today
from tests.support.money import rub


@pytest.fixture
async def payers(new_tenant: NewTenant) -> Payers:
    return await Payers.of(await new_tenant())


async def test_number_payer_and_sum_book_a_payment(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    await payers.owing("2026-18")
    yesterday = today() - timedelta(days=1)
    payment = await payers.report("erp-1", "Оплата по сч. № 17", received_on=yesterday)
    assert (payment["state"], payment["certainty"]) == ("booked", "sure")
    (booking,) = payment["bookings"]
    assert (booking["activity_id"], booking["invoice_number"], booking["was"]) == (
        activity["id"],
        "2026-17",
        None,
    )
    won = await payers.tenant.see(activity)
    (paid,) = won["payments"]
    assert (won["status"], paid["state"], paid["paid_on"], paid["external_id"]) == (
        "won",
        "confirmed",
        yesterday.isoformat(),
        "erp-1",
    )
    assert (paid["id"], paid["invoice_id"]) == (booking["payment_id"], booking["invoice_id"])
    assert (await payers.tenant.event_types(activity))[-2:] == ["payment.received", "activity.won"]
    seen = await payers.see(payment)
    assert [(entry["what"], entry["who"]) for entry in seen["history"]] == [
        ("booked", str(payers.accountant.id))
    ]


async def test_it_confirms_the_sellers_claim_of_the_same_money(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    claim = {"amount": rub(1000), "invoice_id": activity["invoices"][0]["id"]}
    await payers.tenant.do(payers.seller, activity, "payments", **claim)
    day = today() - timedelta(days=3)
    payment = await payers.report("erp-1", "счет 2026-17", received_on=day)
    assert (payment["state"], payment["bookings"][0]["was"]) == ("booked", "claimed")
    won = await payers.tenant.see(activity)
    (paid,) = won["payments"]
    assert (won["status"], paid["state"], paid["paid_on"]) == (
        "won",
        "confirmed",
        day.isoformat(),
    )


async def test_a_senders_id_counts_once(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    first = await payers.try_report("erp-1", "счет 2026-17")
    again = await payers.try_report(" erp-1 ", "счет 2026-17, исправлено")
    assert (first.status, again.status) == (201, 200)
    assert again.body["id"] == first.body["id"]
    assert (await payers.tenant.see(activity))["paid"] == rub(1000)
    other = await payers.try_report("erp-1", "счет 2026-17", 999)
    assert (other.status, other.body["code"]) == (409, "duplicate_payment")


async def test_what_is_recorded_under_the_senders_id_is_that_payment(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    body = {"amount": rub(400), "external_id": "erp-1"}
    await payers.tenant.do(payers.seller, activity, "payments", **body)
    payment = await payers.report("erp-1", "", 400, inn=None)
    assert (payment["state"], payment["bookings"][0]["was"]) == ("booked", "claimed")
    assert (await payers.tenant.see(activity))["paid"] == rub(400)
    other = await payers.owing("2026-18", OTHER_INN)
    body = {"amount": rub(300), "external_id": "erp-2"}
    await payers.tenant.do(payers.accountant, other, "payments", **body)
    await payers.report("erp-2", "", 300, inn=None)
    assert (await payers.tenant.see(other))["paid"] == rub(300), "confirmed before: once"
    body = {"amount": rub(1), "external_id": "erp-3"}
    await payers.tenant.do(payers.accountant, other, "payments", **body)
    differs = await payers.report("erp-3", "счет 2026-17", 600)
    assert differs["state"] == "unmatched", "no other is booked under it"


@pytest.mark.parametrize(
    ("purpose", "about", "reasons"),
    [
        ("оплата", {}, ["payer_inn", "sum"]),
        ("счет 2026-17", {"inn": OTHER_INN}, ["number", "other_payer", "sum"]),
        ("счет 2026-17", {"inn": None}, ["number", "payer_unknown", "sum"]),
        ("счет 2026-17", {"amount": 400}, ["number", "payer_inn", "part"]),
        ("счет 2026-17", {"amount": 1400}, ["number", "payer_inn", "overpaid"]),
    ],
)
async def test_what_is_not_sure_waits_with_a_suggestion(
    payers: Payers, purpose: str, about: dict[str, Any], reasons: list[str]
) -> None:
    activity = await payers.owing("2026-17")
    payment = await payers.report("erp-1", purpose, **about)
    assert (payment["state"], payment["certainty"]) == ("unmatched", "suggested")
    assert (await payers.tenant.see(activity))["paid"] == rub(0)
    (listed,) = await payers.listed()
    assert listed == payment
    (suggestion,) = listed["suggestions"]
    assert suggestion["reasons"] == reasons
    (share,) = suggestion["shares"]
    assert (share["activity_id"], share["invoice_number"], share["client"]["id"]) == (
        activity["id"],
        "2026-17",
        activity["client"]["id"],
    )
    assert share["amount"] == payment["amount"]


async def test_what_pays_nothing_waits_without_one(payers: Payers) -> None:
    await payers.owing("2026-17")
    payment = await payers.report("erp-1", "заем", inn=OTHER_INN)
    assert (payment["state"], payment["certainty"], payment["suggestions"]) == (
        "unmatched",
        "none",
        [],
    )


async def test_suggestions_are_those_of_now(payers: Payers) -> None:
    await payers.report("erp-1", "счет 2026-17", 400)
    assert (await payers.listed())[0]["suggestions"] == []
    await payers.owing("2026-17")
    (payment,) = await payers.listed()
    assert payment["suggestions"][0]["reasons"] == ["number", "payer_inn", "part"]


async def test_an_invoice_named_by_id_is_paid_in_part(payers: Payers) -> None:
    activity = await payers.owing("2026-17", None)
    named = {"invoice_id": activity["invoices"][0]["id"], "inn": None}
    payment = await payers.report("erp-1", "", 400, **named)
    assert payment["state"] == "booked"
    assert (await payers.tenant.see(activity))["paid"] == rub(400)


async def test_the_second_payment_of_an_invoice_is_not_sure(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    await payers.report("erp-1", "счет 2026-17")
    second = await payers.report("erp-2", "счет 2026-17")
    assert (second["state"], second["suggestions"][0]["reasons"]) == (
        "unmatched",
        ["number", "payer_inn", "paid"],
    )
    assert (await payers.tenant.see(activity))["paid"] == rub(1000)


async def test_a_cancelled_invoice_is_suggested_only(payers: Payers) -> None:
    activity = await payers.owing("2026-17")
    path = f"invoices/{activity['invoices'][0]['id']}/cancel"
    await payers.tenant.do(payers.seller, activity, path, reason="ошибка")
    payment = await payers.report("erp-1", "счет 2026-17")
    assert (payment["state"], payment["suggestions"][0]["reasons"]) == (
        "unmatched",
        ["number", "payer_inn", "sum", "cancelled"],
    )


@pytest.mark.parametrize(
    ("about", "field", "rule"),
    [
        ({"received_on": today() + timedelta(days=2)}, "received_on", "not_in_future"),
        ({"received_on": today() - timedelta(days=3000)}, "received_on", "not_before"),
        ({"currency": "USD"}, "amount.currency", "company_currency"),
        ({"amount": 0}, "amount.amount", "more_than"),
        ({"payer": {"inn": "12ab"}}, "payer.inn", "payer_inn"),
        ({"payer": {"kpp": "12ab"}}, "payer.kpp", "kpp"),
        ({"purpose": "x" * 1001}, "purpose", "too_long"),
        ({"external_id": "\u200b"}, "external_id", "empty"),
        ({"own_account": "4070 28"}, "own_account", "account_or_iban"),
    ],
)
async def test_a_bad_report_names_field_and_rule_and_changes_nothing(
    payers: Payers, about: dict[str, Any], field: str, rule: str
) -> None:
    body = {"external_id": "erp-1", "purpose": "", **about}
    external_id, purpose = body.pop("external_id"), body.pop("purpose")
    refused = await payers.try_report(external_id, purpose, **body)
    assert refused.status == 422, refused.body
    (error,) = refused.body["errors"]
    assert (error["field"], error["rule"]) == (field, rule)
    assert await payers.listed("") == []


async def test_another_tenants_company_does_not_exist(
    payers: Payers, new_tenant: NewTenant
) -> None:
    other = await new_tenant()
    refused = await payers.try_report("erp-1", "", company_id=str(other.company_id))
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"]) == (404, "company_id")
    refused = await payers.try_report("erp-1", "", invoice_id=str(other.company_id))
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"]) == (404, "invoice_id")


async def test_lists_are_narrowed(payers: Payers) -> None:
    await payers.owing("2026-17")
    await payers.report("erp-1", "счет 2026-17")
    await payers.report("erp-2", "заем", inn=OTHER_INN)
    await payers.report("erp-3", "счет 2026-17", direction="out")
    for query, ids in {
        "": ["erp-1", "erp-2", "erp-3"],
        "?state=booked": ["erp-1"],
        "?state=unmatched&certainty=none": ["erp-2"],
        "?direction=out": ["erp-3"],
        "?origin=bus": [],
        f"?company_id={payers.tenant.company_id}&limit=2": ["erp-1", "erp-2"],
    }.items():
        assert [item["external_id"] for item in await payers.listed(query)] == ids, query
    pages = await payers.tenant.pages(payers.accountant, "/inbound/payments", 2)
    assert [item["external_id"] for item in pages] == ["erp-1", "erp-2", "erp-3"]


@pytest.mark.parametrize("role", ["seller", "head", "marketer"])
async def test_payers_are_no_business_of_rooms(payers: Payers, role: str) -> None:
    user = await payers.tenant.user(role)
    refused = await payers.tenant.call(user, "GET", "/inbound/payments")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
