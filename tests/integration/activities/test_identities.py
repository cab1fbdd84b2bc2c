"""One client, one identity: whatever spelling it is typed in, and by however many at once."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.activities.conftest import NewTenant

INN, OTHER_INN, THIRD_INN = "7707083893", "7736050003", "5006834918"
KPP, OTHER_KPP = "770701001", "540602001"
ALPHA: dict[str, Any] = {
    "name": "ООО Альфа",
    "kind": "organization",
    "inn": INN,
    "phones": ["+74957564944"],
    "emails": ["zakup@почта.рф"],
}


def described(**parts: Any) -> dict[str, Any]:
    return {"name": "ООО Альфа", "kind": "organization", **parts}


SPELLINGS: list[dict[str, Any]] = [
    {"inn": INN},
    {"inn": " 7707 083893"},
    {"inn": INN, "kpp": KPP},
    {"phones": ["8 (495) 756-49-44"]},
    {"phones": ["\u202a+7\u00a0495\u00a0756\u201349\u201344\u202c"]},
    {"emails": ["ZAKUP@xn--80a1acny.xn--p1ai"]},
    {"emails": ["za\u200bkup@почта.рф"]},
    {"emails": ["zakup@почта.рф."]},
    {"emails": ["<zakup@почта.рф>;"]},
    {"emails": ["mailto:zakup@почта.рф"]},
]


@pytest.mark.parametrize("parts", SPELLINGS)
async def test_a_known_client_is_met_in_any_spelling(
    new_tenant: NewTenant, parts: dict[str, Any]
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    alpha = (await tenant.call(seller, "POST", "/clients", ALPHA)).body
    refused = await tenant.call(seller, "POST", "/clients", described(**parts))
    assert (refused.status, refused.body["code"]) == (409, "duplicate_client")
    assert refused.body["client_ids"] == [alpha["id"]]
    assert refused.body["matched"] == [
        {"inn": "inn", "phones": "phone", "emails": "email"}[next(iter(parts))]
    ]
    activity = await tenant.register(seller, client=described(**parts))
    assert activity["client"]["id"] == alpha["id"]


async def test_a_kpp_is_added_to_the_client_of_the_inn(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    alpha = (await tenant.call(seller, "POST", "/clients", ALPHA)).body
    activity = await tenant.register(seller, client=described(inn=INN, kpp=KPP))
    assert activity["client"]["id"] == alpha["id"]
    assert activity["added_to_client"]["kpp"] == KPP
    branch = await tenant.register(seller, client=described(inn=INN, kpp=OTHER_KPP))
    assert branch["client"]["id"] != alpha["id"]
    asked = await tenant.call(
        seller, "POST", "/activities", tenant.registration(client=described(inn=INN))
    )
    assert (asked.status, asked.body["code"]) == (409, "duplicate_client")
    assert set(asked.body["client_ids"]) == {alpha["id"], branch["client"]["id"]}
    chosen = await tenant.register(seller, client_id=branch["client"]["id"])
    assert chosen["client"]["id"] == branch["client"]["id"]


async def test_another_inn_with_a_known_phone_is_another_client(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    await tenant.call(seller, "POST", "/clients", ALPHA)
    beta = {"name": "ООО Бета", "kind": "organization", "inn": OTHER_INN}
    activity = await tenant.register(seller, client={**beta, "phones": ALPHA["phones"]})
    assert activity["client"]["name"] == "ООО Бета"
    stored = (await tenant.call(seller, "GET", f"/clients/{activity['client']['id']}")).body
    assert (stored["inn"], stored["phones"]) == (OTHER_INN, ALPHA["phones"])
    third = {**beta, "name": "ООО Гамма", "inn": THIRD_INN, "phones": ALPHA["phones"]}
    assert (await tenant.call(seller, "POST", "/clients", third)).status == 201
    asked = await tenant.call(
        seller, "POST", "/clients", described(name="Кто-то", phones=ALPHA["phones"])
    )
    assert (asked.status, len(asked.body["client_ids"])) == (409, 3)


async def test_a_new_inn_with_the_phone_of_a_client_without_one_is_asked(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    alpha = (await tenant.call(seller, "POST", "/clients", {**ALPHA, "inn": None})).body
    beta = described(name="ООО Бета", inn=OTHER_INN, phones=ALPHA["phones"])
    asked = await tenant.call(seller, "POST", "/activities", tenant.registration(client=beta))
    assert (asked.status, asked.body["client_ids"]) == (409, [alpha["id"]])
    same = await tenant.register(seller, client={**ALPHA, "name": "ооо «альфа»"})
    assert same["client"]["id"] == alpha["id"]
    assert same["added_to_client"]["inn"] == INN


async def test_what_a_request_brings_is_added_or_kept_with_it(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    alpha = (await tenant.call(seller, "POST", "/clients", ALPHA)).body
    brought = described(
        name="Альфа, ООО", inn=INN, phones=["+7 903 123-45-67"], emails=["new@x.ru"], large=True
    )
    activity = await tenant.register(seller, client=brought)
    assert activity["added_to_client"] == {
        "phones": ["+79031234567"],
        "emails": ["new@x.ru"],
        "large": True,
    }
    assert activity["as_registered"]["name"] == "Альфа, ООО"
    stored = (await tenant.call(seller, "GET", f"/clients/{alpha['id']}")).body
    assert stored["phones"] == [*ALPHA["phones"], "+79031234567"]
    assert (stored["name"], stored["version"], stored["large"]) == ("ООО Альфа", 2, True)
    entry = (await tenant.see(activity))["timeline"][0]
    assert entry["as_registered"] == {"name": "Альфа, ООО"}
    published = await tenant.reader.fetchval(
        "SELECT string_agg(convert_from(value, 'UTF8'), '') FROM outbox WHERE tenant_id = $1"
        " AND topic = 'sales.activities.v1'",
        tenant.tenant_id,
    )
    assert "Альфа, ООО" not in published and "new@x.ru" not in published
    again = await tenant.register(seller, client=brought)
    assert "added_to_client" not in again


async def test_extensions_are_clients_of_their_own(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    numbers = ["+7 4951226355 доб. 101", "+7 4951226355 доб. 205", "+7 4951226355"]
    for number in numbers:
        body = described(name=number, phones=[number])
        assert (await tenant.call(seller, "POST", "/clients", body)).status == 201
        spelled = described(name=number, phones=[number.replace("доб.", "ext ")])
        assert (await tenant.call(seller, "POST", "/clients", spelled)).status == 409


async def test_a_foreign_clients_parts_are_refused_blindly(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    outsider = await tenant.user(room_id=await tenant.another_room())
    alpha = (await tenant.call(seller, "POST", "/clients", ALPHA)).body
    for parts in SPELLINGS:
        body = tenant.registration(room_id=str(outsider.rooms[0]), client=described(**parts))
        refused = await tenant.call(outsider, "POST", "/activities", body)
        assert (refused.status, refused.body["client_ids"]) == (409, []), parts
    assert (await tenant.call(outsider, "GET", f"/clients/{alpha['id']}")).status == 404


async def test_a_change_meets_the_identities_of_others(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    alpha = (await tenant.call(seller, "POST", "/clients", ALPHA)).body
    beta_body = described(name="Бета", inn=OTHER_INN)
    beta = (await tenant.call(seller, "POST", "/clients", beta_body)).body
    path = f"/clients/{beta['id']}"
    for change, status in (
        ({"inn": INN}, 409),
        ({"inn": INN, "kpp": KPP}, 409),
        ({"phones": ALPHA["phones"]}, 200),
        ({"inn": None}, 409),
        ({"inn": "500100732259"}, 422),
        ({"kpp": "000000000"}, 422),
    ):
        response = await tenant.call(seller, "PATCH", path, change)
        assert response.status == status, (change, response.body)
        if status == 409:
            assert response.body["client_ids"] == [alpha["id"]]


async def test_an_inn_fits_the_kind_of_client(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    for body, field, rule_name in (
        (described(inn="500100732259"), "inn", "inn_of_organization"),
        ({"name": "Анна", "kind": "person", "inn": INN}, "inn", "inn_of_person"),
        ({"name": "Анна", "kind": "person", "inn": "500100732259", "kpp": KPP}, "kpp", "with_inn"),
        (described(inn="0000000000"), "inn", "inn"),
        (described(phones=["1234567"]), "phones.0", "phone"),
        (described(name="\u200b\ufeff"), "name", "visible"),
        (described(name="ООО \u202eкраб"), "name", "direction_marks"),
        (described(name="я" * 1001), "name", "too_long"),
    ):
        refused = await tenant.call(seller, "POST", "/clients", body)
        (error,) = refused.body["errors"]
        assert (refused.status, error["field"], error["rule"]) == (422, field, rule_name)
    longest = await tenant.call(seller, "POST", "/clients", described(name="я" * 1000))
    assert (longest.status, longest.body["name"]) == (201, "я" * 1000)


async def test_what_is_stored_is_found_in_both_lists(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    outsider = await tenant.user(room_id=await tenant.another_room())
    client = {
        **ALPHA,
        "name": "ООО «Фёдоровские\u00a0 Ёлки»",
        "kpp": KPP,
        "phones": ["+74952851138", "+7 4951226355 доб. 101"],
    }
    activity = await tenant.register(seller, client=client)
    for words in (
        *("8 (495) 285-11-38", "84952851138", "4952851138", "2851138", "1138", "7707 083893"),
        *(INN, f"{INN}/{KPP}", "федоровские елки", 'ООО "Федоровские', "zakup@почта.рф"),
        *("ZAKUP@xn--80a1acny.xn--p1ai", "+7 4951226355 доб. 101", "е\u0308лки"),
    ):
        for path in ("/clients", "/activities"):
            asked = f"{path}?q={quote(words)}"
            found = (await tenant.call(seller, "GET", asked)).body["items"]
            assert [each["id"] for each in found] == [
                activity["client"]["id"] if path == "/clients" else activity["id"]
            ], (path, words)
            assert (await tenant.call(outsider, "GET", asked)).body["items"] == []
    for words in ("%", "_", "\\", "«»", "'", "138"):
        for path in ("/clients", "/activities"):
            found = (await tenant.call(seller, "GET", f"{path}?q={quote(words)}")).body["items"]
            assert found == [], (path, words)
