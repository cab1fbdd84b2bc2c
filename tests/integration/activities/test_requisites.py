"""Companies' requisites: who changes them, what is refused, and who is told of a change."""

from typing import Any

import pytest

from services.activities.storage.requisites import accounts_of, companies_of_accounts
from shared.db import Database
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User, all_at_once
from tests.support.client import Response

ACCOUNT = {
    "number": "40702810638050013199",
    "bic": "044525225",
    "bank_name": "ПАО СБЕРБАНК г. Москва",
    "correspondent_account": "30101810400000000225",
}
OTHER = {
    "number": "40702810100000001234",
    "bic": "044525593",
    "bank_name": "АО «АЛЬФА-БАНК» г. Москва",
    "correspondent_account": "30101810200000000593",
}
FULL: dict[str, Any] = {
    "legal_name": "Общество с ограниченной ответственностью «Лес»",
    "kpp": "770101001",
    "address": "119021, Москва, ул. Льва Толстого, 16",
    "director_name": "Иванов И. И.",
    "accountant_name": None,
    "accounts": [ACCOUNT, OTHER],
    "vat": [{"effective_from": "2025-01-01", "mode": "general"}],
}


def path_of(tenant: Tenant, company_id: object = None) -> str:
    return f"/companies/{company_id or tenant.company_id}/requisites"


async def with_inn(tenant: Tenant) -> Tenant:
    path = f"/companies/{tenant.company_id}"
    assert (await tenant.call(tenant.admin, "PATCH", path, {"inn": "7707083893"})).status == 200
    return tenant


async def change(tenant: Tenant, body: Any, by: User | None = None, tag: str = "") -> Response:
    headers = {"If-Match": tag} if tag else {}
    caller = tenant.caller_of(by or tenant.admin)
    return await tenant.api.call(caller, "PATCH", path_of(tenant), body, headers)


async def test_requisites_are_given_in_parts_and_their_history_is_kept(
    new_tenant: NewTenant,
) -> None:
    tenant = await with_inn(await new_tenant())
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    empty = (await tenant.call(seller, "GET", path_of(tenant))).body
    assert (empty["version"], empty["accounts"], empty["vat"]) == (0, [], [])
    assert empty["inn"] == "7707083893"
    given = await change(tenant, FULL, accountant, '"0"')
    assert (given.status, given.tag) == (200, '"1"'), given.body
    assert {name: given.body[name] for name in FULL} == FULL
    assert (await change(tenant, {"director_name": None})).body["version"] == 2
    assert (await change(tenant, {"accounts": [OTHER, ACCOUNT]})).body["version"] == 3
    assert (await change(tenant, {"accounts": [OTHER, ACCOUNT]})).body["version"] == 3
    seen = (await tenant.call(seller, "GET", path_of(tenant))).body
    assert [account["number"] for account in seen["accounts"]] == [
        OTHER["number"],
        ACCOUNT["number"],
    ]
    history = await tenant.call(accountant, "GET", f"{path_of(tenant)}/history?limit=2")
    assert [entry["version"] for entry in history.body["items"]] == [3, 2]
    older = f"{path_of(tenant)}/history?cursor={history.body['next_cursor']}"
    (first,) = (await tenant.call(accountant, "GET", older)).body["items"]
    assert (first["before"], first["after"]) == (None, FULL)
    assert first["changed_by"] == str(accountant.id)


async def test_requisites_are_changed_by_accountants_and_admins(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    for role in ("seller", "head", "marketer"):
        refused = await change(tenant, {"address": "Москва"}, await tenant.user(role))
        assert (refused.status, refused.code) == (403, "forbidden")
    history = await tenant.call(await tenant.user(), "GET", f"{path_of(tenant)}/history")
    assert history.status == 403


async def test_a_second_change_of_what_was_read_is_told_the_first(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    await change(tenant, {"address": "Москва"}, tag='"0"')
    refused = await change(tenant, {"address": "Тверь"}, tag='"0"')
    assert (refused.status, refused.code, refused.body["version"]) == (409, "stale", 1)
    assert refused.body["changed"] == {"address": "Москва"}


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({"accounts": [{**ACCOUNT, "number": "1" * 19}]}, "accounts.0.number", "account_number"),
        ({"accounts": [{**ACCOUNT, "bic": "04452522"}]}, "accounts.0.bic", "bic"),
        ({"accounts": [{**ACCOUNT, "bic": "044525593"}]}, "accounts.0.number", "account_of_bank"),
        (
            {"accounts": [{**ACCOUNT, "correspondent_account": OTHER["correspondent_account"]}]},
            "accounts.0.correspondent_account",
            "account_of_bank",
        ),
        ({"accounts": [ACCOUNT, ACCOUNT]}, "accounts.1.number", "distinct"),
        ({"accounts": None}, "accounts", "list"),
        ({"vat": FULL["vat"] * 2}, "vat.1.effective_from", "distinct"),
        ({"vat": [{"effective_from": "2026-01-01", "mode": "usn"}]}, "vat.0.mode", "one_of"),
        ({"legal_name": "\t"}, "legal_name", "empty"),
        ({"inn": "7707083893"}, "inn", "unknown_field"),
    ],
)
async def test_bad_requisites_are_refused_by_field_and_change_nothing(
    new_tenant: NewTenant, body: Any, field: str, rule: str
) -> None:
    tenant = await new_tenant()
    refused = await change(tenant, body)
    assert refused.status == 422, refused.body
    errors = [(error["field"], error["rule"]) for error in refused.body["errors"]]
    assert errors == [(field, rule)]
    assert (await tenant.call(tenant.admin, "GET", path_of(tenant))).body["version"] == 0


async def test_a_kpp_needs_the_inn_of_an_organisation(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    refused = await change(tenant, {"kpp": "770101001"})
    assert (refused.status, refused.body["errors"][0]["rule"]) == (422, "with_inn")
    await with_inn(tenant)
    assert (await change(tenant, {"kpp": "770101001"})).status == 200


async def test_an_account_belongs_to_one_company_at_a_time(
    new_tenant: NewTenant, database: Database
) -> None:
    tenant = await new_tenant()
    second = await tenant.create("/companies", name="Степь")
    spaced = {**ACCOUNT, "number": "40702.810.6.38050013199"}
    assert (await change(tenant, {"accounts": [spaced]})).status == 200
    taken = await tenant.call(
        tenant.admin, "PATCH", path_of(tenant, second["id"]), {"accounts": [OTHER, ACCOUNT]}
    )
    assert (taken.status, taken.code) == (409, "duplicate_account")
    assert taken.body["number"] == ACCOUNT["number"]
    assert (await change(tenant, {"accounts": []})).status == 200
    moved = {"accounts": [OTHER, ACCOUNT]}
    answer = await tenant.call(tenant.admin, "PATCH", path_of(tenant, second["id"]), moved)
    assert answer.status == 200
    numbers = [ACCOUNT["number"], OTHER["number"], "0" * 20]
    async with database.begin_for(tenant.tenant_id) as tx:
        owners = await companies_of_accounts(tx, numbers)
        listed = await accounts_of(tx, tenant.company_id)
    assert {number: str(owner) for number, owner in owners.items()} == dict.fromkeys(
        numbers[:2], second["id"]
    )
    assert listed == []


async def test_two_companies_that_take_an_account_at_once_have_one_winner(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    second = await tenant.create("/companies", name="Степь")
    paths = [path_of(tenant), path_of(tenant, second["id"])] * 2
    answers = await all_at_once(
        tenant.call(tenant.admin, "PATCH", path, {"accounts": [ACCOUNT]}) for path in paths
    )
    winners = {path for path, answer in zip(paths, answers, strict=True) if answer.status == 200}
    losers = {answer.code for answer in answers if answer.status != 200}
    assert (len(winners), losers) == (1, {"duplicate_account"})


async def test_an_unknown_company_has_no_requisites(new_tenant: NewTenant) -> None:
    tenant, other = await new_tenant(), await new_tenant()
    path = path_of(tenant, other.company_id)
    for method, suffix in (("GET", ""), ("PATCH", ""), ("GET", "/history")):
        body: Any = {} if method == "PATCH" else None
        assert (await tenant.call(tenant.admin, method, path + suffix, body)).status == 404


async def test_a_product_says_what_its_tax_follows(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = f"/products/{tenant.product_id}"
    assert (await tenant.call(tenant.admin, "GET", path)).body["vat"] == "standard"
    changed = await tenant.call(tenant.admin, "PATCH", path, {"vat": "exempt"})
    assert (changed.status, changed.body["vat"]) == (200, "exempt")
    assert (await tenant.call(tenant.admin, "PATCH", path, {"vat": "22"})).status == 422
