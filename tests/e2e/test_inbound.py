"""A form of a site from its visitor to the pool, through the gateway."""

from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.office import Office
from tests.support.client import ApiClient, Response
from tests.support.wait import eventually

TILDA = "application/x-www-form-urlencoded"


async def key_of(office: Office, *scopes: str) -> Any:
    body = {
        "name": "Сайт",
        "scopes": list(scopes or ("inbound",)),
        "room_ids": [office.rooms["front"]],
    }
    return await office.admin.do("/api-keys", body)


async def post(gateway: ApiClient, key: Any, body: Any, content_type: str = TILDA) -> Response:
    headers = {"content-type": content_type}
    path = f"/inbound/forms/{key['secret']}"
    return await gateway.call("POST", path, headers=headers, data=body)


async def test_a_form_goes_to_the_pool_once_and_what_is_odd_waits(
    office: Office, gateway: ApiClient
) -> None:
    key = await key_of(office)
    form = {
        "name": "Форма",
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "source_id": office.sources["inbound"],
        "product_ids": [office.products["plain"]],
    }
    await office.admin.do("/inbound/site-forms", form)
    probe = await post(gateway, key, b"test=test")
    assert (probe.status, probe.body["state"]) == (200, "probe")
    phone = f"7916{uuid4().int % 10**7:07d}"
    sent = f"Name=Anna&Phone={phone}&tranid=1".encode()
    first, again = await post(gateway, key, sent), await post(gateway, key, sent)
    assert (first.status, first.body["state"]) == (200, "registered"), first.body
    assert again.body == first.body

    async def in_the_pool() -> bool:
        pool = await office.anna.see(f"/pool?room_id={office.rooms['front']}&limit=200")
        return first.body["activity_id"] in [item["id"] for item in pool["items"]]

    assert await eventually(in_the_pool)
    taken = await office.anna.do(f"/activities/{first.body['activity_id']}/take")
    second = await post(gateway, key, f"Phone={phone}&tranid=2&Textarea=%D0%AF".encode())
    assert second.body["state"] == "added"
    seen = await office.anna.see(f"/activities/{taken['id']}")
    assert (seen["timeline"][0]["note"], seen["timeline"][0]["who"]) == ("Я", key["id"])
    assert seen["next_step"]["what"] == "Ответить на повторное обращение"

    odd = await post(gateway, key, b"Name=Anna&Phone=none&tranid=3")
    assert (odd.status, odd.body["reason"]) == (200, "unusable_contact")
    head = office.people["head"]
    (waiting,) = (await head.see("/inbound/unprocessed"))["items"]
    path = f"/inbound/unprocessed/{waiting['id']}"
    assert (await head.see(path))["body"] == "Name=Anna&Phone=none&tranid=3"
    closed = await head.do(f"{path}/resolve", {"activity_id": taken["id"], "note": "Это Анна"})
    assert (closed["state"], closed["body"]) == ("resolved", None)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", TILDA),
        (b"\xff\x00\xfe&=&%zz", TILDA),
        (b"{" * 5000, "application/json"),
        (b"[]", "application/json"),
        (b"--b\r\n\r\n", "multipart/form-data; boundary=b"),
        (b"Phone=" + b"1" * 100_000, TILDA),
        (b"Phone=%2B79161234567&Name=" + b"%00" * 50, TILDA),
    ],
)
async def test_a_broken_form_is_answered_and_kept(
    office: Office, gateway: ApiClient, body: bytes, content_type: str
) -> None:
    sent = await post(gateway, await key_of(office), body, content_type)
    assert sent.status == 200, sent.body
    assert sent.body["id"]


async def test_a_key_of_payroll_opens_no_form(office: Office, gateway: ApiClient) -> None:
    sent = await post(gateway, await key_of(office, "payroll"), b"Phone=1")
    assert (sent.status, sent.body["code"]) == (403, "forbidden")
    request = {"phone": "+79161234567"}
    refused = await gateway.call("POST", "/inbound/requests", json=request)
    assert refused.status == 401
