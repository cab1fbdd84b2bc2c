"""2 and 3. Registering an activity, and the pool it is then in."""

from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient, User
from tests.support.money import rub


async def test_a_seller_registers_a_client_and_an_activity_with_source_and_products(
    office: Office,
) -> None:
    wanted = {
        "name": "ООО Весна",
        "kind": "organization",
        "inn": "7736050003",
        "phones": ["8 (495) 123-45-67"],
        "emails": ["Info@Vesna.example"],
    }
    client = await office.anna.do("/clients", wanted)
    assert client["phones"] == ["+74951234567"] and client["emails"] == ["info@vesna.example"]
    lines = [
        {"product_id": office.products["goods"], "quantity": 3},
        {"product_id": office.products["plain"], "quantity": 2, "price": rub("900.10")},
    ]
    order = office.order(
        client_id=client["id"], products=lines, note="Просит скидку", source="inbound"
    )
    activity = await office.anna.do("/activities", order)
    assert (activity["status"], activity["stage"], activity["responsible_id"]) == (
        "free",
        "new",
        None,
    )
    assert (activity["source_id"], activity["source_kind"]) == (
        office.sources["inbound"],
        "inbound",
    )
    assert activity["client"] == {
        "id": client["id"],
        "name": "ООО Весна",
        "large": False,
        "do_not_call": False,
    }
    assert [line["amount"] for line in activity["products"]] == [rub("7501.50"), rub("1800.20")]
    again = office.order(client={"name": "Весна", "kind": "organization", "inn": "7736050003"})
    assert (await office.boris.do("/activities", again))["client"]["id"] == client["id"]
    twin = await office.boris.refused(
        "/clients", {"name": "Весна", "kind": "organization", "phones": ["+7 495 1234567"]}
    )
    assert (twin.status, twin.code) == (409, "duplicate_client")


@pytest.mark.parametrize(
    ("what", "status", "field", "rule"),
    [
        ("no source", 422, "source_id", "missing"),
        ("an unknown source", 404, "source_id", "exists"),
        ("another company's product", 422, "products.0.product_id", "belongs_to_company"),
        ("an unknown product", 404, "products.0.product_id", "exists"),
        ("no product", 422, "products", "too_few"),
        ("an unknown room", 404, "room_id", "exists"),
        ("a room that is not theirs", 404, "room_id", "exists"),
        ("an unknown client", 404, "client_id", "exists"),
    ],
)
async def test_a_registration_is_refused_with_a_clear_error(
    office: Office, what: str, status: int, field: str, rule: str
) -> None:
    before = await office.admin.see("/activities?limit=200")
    refused = await office.anna.refused("/activities", _broken(office, what))
    assert (refused.status, refused.fields.get(field)) == (status, rule), refused
    assert await office.admin.see("/activities?limit=200") == before


def _broken(office: Office, what: str) -> dict[str, Any]:
    order = office.order()
    unknown = str(uuid4())
    match what:
        case "no source":
            del order["source_id"]
        case "an unknown source":
            order["source_id"] = unknown
        case "another company's product":
            order["products"] = [{"product_id": office.products["foreign"]}]
        case "an unknown product":
            order["products"] = [{"product_id": unknown}]
        case "no product":
            order["products"] = []
        case "an unknown room":
            order["room_id"] = unknown
        case "a room that is not theirs":
            order["room_id"] = office.rooms["back"]
        case "an unknown client":
            del order["client"]
            order["client_id"] = unknown
    return order


async def test_a_room_that_is_not_theirs_looks_like_one_that_is_not_there(office: Office) -> None:
    answers = [
        await office.anna.refused("/activities", _broken(office, what))
        for what in ("an unknown room", "a room that is not theirs")
    ]
    assert answers[0].body == answers[1].body


async def test_a_registered_activity_shows_at_once_in_the_pool_of_its_room_only(
    office: Office, gateway: ApiClient, product: Product
) -> None:
    stranger = (await open_office(gateway, product.operator_key)).anna
    front = f"?room_id={office.rooms['front']}&limit=200"
    for _ in range(5):
        activity = await office.register()
        for seller in (office.anna, office.boris):
            for path in ("/pool", "/pool" + front):
                assert await _finds(seller, path, activity), (seller.name, path)
        assert not await _finds(office.vera, "/pool?limit=200", activity)
        assert not await _finds(stranger, "/pool?limit=200", activity)
        for outsider in (office.vera, stranger):
            assert (await outsider.call("GET", f"/pool{front}")).code == "not_found"
            assert (await outsider.call("GET", f"/activities/{activity['id']}")).code == "not_found"
            assert (
                await outsider.refused(f"/activities/{activity['id']}/take")
            ).code == "not_found"


async def _finds(seller: User, path: str, activity: dict[str, Any]) -> bool:
    cursor = ""
    while cursor is not None:
        page = await seller.see(
            path + (f"{'&' if '?' in path else '?'}cursor={cursor}" if cursor else "")
        )
        found = [item for item in page["items"] if item["id"] == activity["id"]]
        if found:
            assert found == [activity]
            return True
        cursor = page["next_cursor"]
    return False


@pytest.mark.parametrize(
    "spelled",
    [
        {"inn": "7707 083893"},
        {"inn": "7707083893", "kpp": "770701001"},
        {"phones": ["8 (495) 756-49-44"]},
        {"phones": ["\u202a+7\u00a0495\u00a0756\u201349\u201344"]},
        {"emails": ["ZAKUP@xn--80a1acny.xn--p1ai"]},
        {"emails": ["<mailto:za\u200bkup@почта.рф>;"]},
    ],
)
async def test_a_known_client_is_met_in_any_spelling(office: Office, spelled: Any) -> None:
    known = {
        "name": "ООО «Ёлка»",
        "kind": "organization",
        "inn": "7707083893",
        "phones": ["+74957564944"],
        "emails": ["zakup@почта.рф"],
    }
    first = await office.anna.do("/activities", office.order(client=known))
    described = {"name": "Елка", "kind": "organization", **spelled}
    again = await office.boris.do("/activities", office.order(client=described))
    assert again["client"]["id"] == first["client"]["id"]
    assert again["as_registered"]["name"] == "Елка"
    found = await office.boris.see("/clients?q=%D0%95%D0%9B%D0%9A%D0%90&limit=200")
    assert first["client"]["id"] in [client["id"] for client in found["items"]]
