"""Calls from telephony to the seller, through the gateway: keys in paths and in headers."""

from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson

from tests.e2e.office import Office
from tests.e2e.test_inbound import key_of
from tests.support.client import ApiClient
from tests.support.wait import eventually

LINE = "+74951234500"


def a_phone() -> str:
    return f"7916{uuid4().int % 10**7:07d}"


async def furnish_telephony(office: Office) -> Any:
    """A number of ours, Anna's extension, a key."""
    place = {"company_id": office.companies["main"], "room_id": office.rooms["front"]}
    known = (await office.admin.see("/inbound/numbers"))["items"]
    if LINE not in [number["number"] for number in known]:
        number = {"number": LINE, "source_id": office.sources["inbound"], **place}
        await office.admin.do("/inbound/numbers", number)
    path, body = f"/employees/{office.anna.id}/extensions", {"extensions": ["101"]}
    set_to = await office.admin.call("PUT", path, body)
    assert set_to.status == 200, set_to.body
    return await key_of(office)


async def test_asterisks_missed_call_and_answer_reach_the_seller(
    office: Office, gateway: ApiClient
) -> None:
    key, phone = await furnish_telephony(office), a_phone()
    path = f"/inbound/calls/generic/{key['secret']}"
    ours = f"from={phone}&our_number={LINE[1:]}"
    answer = f"{path}?call_id=a1&{ours}&state=ANSWER&extension=101&duration=35"
    first = await gateway.call("GET", answer)
    assert (first.status, first.body["recorded"]) == (200, "answered"), first.body
    assert (await gateway.call("GET", answer)).body == first.body
    activity = f"/activities/{first.body['activity_id']}"
    assert (await office.anna.see(activity))["responsible_id"] == office.anna.id
    missed = await gateway.call("GET", f"{path}?call_id=a2&{ours}&state=NOANSWER")
    assert missed.body["activity_id"] == first.body["activity_id"]

    async def step() -> Any:
        return (await office.anna.see(activity))["next_step"]

    # The caller is the key: Anna's reads follow the event.
    asked = await eventually(step)
    assert asked["what"] == "Перезвонить: пропущенный звонок"
    talk = {
        "call_id": "a3",
        "direction": "outgoing",
        "client_number": phone,
        "state": "answered",
        "duration": 60,
    }
    headers = {"Authorization": f"Bearer {key['secret']}"}
    await gateway.call("POST", "/inbound/calls", headers=headers, json=talk)

    async def is_done() -> bool:
        return await step() is None

    assert await eventually(is_done)
    calls = (await office.anna.see(f"{activity}/calls"))["items"]
    assert [call["duration_seconds"] for call in calls] == [60, None, 35]


async def test_mango_is_known_by_its_signature(office: Office, gateway: ApiClient) -> None:
    key, api_key, salt = await furnish_telephony(office), uuid4().hex, uuid4().hex
    account = {"name": "Офис", "api_key": api_key, "salt": salt}
    await office.admin.do("/telephony-accounts", account)
    event = {
        "entry_id": uuid4().hex,
        "call_direction": 1,
        "from": {"number": a_phone()},
        "to": {"extension": "101"},
        "line_number": LINE[1:],
        "create_time": 1_795_000_000,
        "talk_time": 0,
        "end_time": 1_795_000_020,
        "entry_result": 0,
    }
    text = orjson.dumps(event).decode()
    path = f"/inbound/calls/mango/{key['secret']}/events/summary"
    headers = {"content-type": "application/x-www-form-urlencoded"}

    async def post(sign: str) -> Any:
        form = urlencode({"vpbx_api_key": api_key, "sign": sign, "json": text})
        return await gateway.call("POST", path, headers=headers, data=form.encode())

    refused = await post("0" * 64)
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    taken = await post(sha256(f"{api_key}{text}{salt}".encode()).hexdigest())
    assert (taken.status, taken.body["recorded"]) == (200, "missed"), taken.body


async def test_a_wrong_key_in_the_path_is_refused(gateway: ApiClient) -> None:
    response = await gateway.call("GET", "/inbound/calls/generic/sk_wrong?call_id=1&state=missed")
    assert response.status == 401
