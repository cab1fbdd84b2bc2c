"""Number 6. What is sold with a term is sold again: seen ahead, taken, and told to the room."""

import asyncio

import pytest_asyncio

from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient


@pytest_asyncio.fixture
async def office(gateway: ApiClient, product: Product) -> Office:
    return await open_office(gateway, product.operator_key)


async def test_a_renewal_is_seen_within_the_horizon_and_taken_once(office: Office) -> None:
    contract = await office.win(office.anna, "odd")
    assert (await office.anna.see("/renewals"))["items"] == []
    await office.set_room_settings(renewal_horizon_days=400)
    (renewal,) = (await office.boris.see("/renewals"))["items"]
    assert renewal["contract_id"] == contract["id"]
    assert renewal["responsible"]["id"] == office.anna.id
    assert (await office.vera.see("/renewals"))["items"] == []
    path = f"/renewals/{renewal['id']}"
    assert (await office.vera.refused(path, method="GET")).status == 404
    await office.anna.do(f"{path}/prepare", {"note": "Предложить два года"})
    answers = await asyncio.gather(
        *(seller.call("POST", f"{path}/take") for seller in (office.anna, office.boris) * 4)
    )
    (taken,) = [answer.body for answer in answers if answer.status == 200]
    assert {answer.code for answer in answers if answer.status != 200} == {"already_taken"}
    assert (taken["sale"], taken["note"]) == ("renewal", "Предложить два года")
    owner = office.anna if taken["responsible_id"] == office.anna.id else office.boris
    mine = (await owner.see("/desk"))["mine"]
    assert taken["id"] in [item["id"] for items in mine.values() for item in items]
    assert (await office.anna.see("/renewals"))["items"] == []
    (kept,) = (await office.anna.see(f"/renewals?contract_id={contract['id']}"))["items"]
    assert (kept["status"], kept["activity_id"]) == ("taken", taken["id"])


async def test_a_renewal_is_withdrawn_by_its_seller_or_the_head_alone(office: Office) -> None:
    contract = await office.win(office.anna, "odd")
    (renewal,) = (await office.anna.see(f"/renewals?contract_id={contract['id']}"))["items"]
    path, reason = f"/renewals/{renewal['id']}", {"reason": "Закрываются"}
    refused = await office.boris.refused(f"{path}/withdraw", reason)
    assert (refused.status, refused.code) == (403, "forbidden")
    withdrawn = await office.head.do(f"{path}/withdraw", reason)
    assert (withdrawn["status"], withdrawn["withdrawal"]) == ("withdrawn", "by_hand")
    assert (await office.anna.do(f"{path}/restore"))["status"] == "scheduled"


async def test_nobody_registers_under_the_source_of_renewals(office: Office) -> None:
    source = {"name": "Автопродление", "channel": "Продление", "kind": "renewal"}
    source_id = (await office.admin.do("/sources", source))["id"]
    refused = await office.anna.refused("/activities", office.order(source_id=source_id))
    assert (refused.status, refused.fields) == (422, {"source_id": "source_of_renewals"})
