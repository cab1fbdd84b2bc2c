""" "Do not call" from the word to the pool and the refusal, through the gateway."""

from uuid import uuid4

from tests.e2e.office import Office


async def test_who_said_not_to_call_is_marked_at_once_and_not_called(office: Office) -> None:
    phone = f"+7495{uuid4().int % 10**7:07d}"
    client = {"name": "ООО Тишина", "kind": "organization", "phones": [phone]}
    activity = await office.register(client=client, source="inbound")
    path = f"/activities/{activity['id']}"
    assert not (await office.anna.see(path))["client"]["do_not_call"]
    word = {"kind": "do_not_call", "phone": phone, "source": "Звонок", "text": "Не звоните"}
    said = await office.boris.do(f"/clients/{activity['client']['id']}/consents", word)
    assert [shown["do_not_call"] for shown in said["clients"]] == [True]
    pool = await office.boris.see(f"/pool?room_id={office.rooms['front']}&limit=200")
    (free,) = [item for item in pool["items"] if item["id"] == activity["id"]]
    assert free["client"]["do_not_call"]
    assert (await office.anna.see(path))["client"]["do_not_call"]
    refused = await office.anna.refused("/activities", office.order(client=client))
    assert (refused.status, refused.code) == (409, "do_not_call")
    asked = await office.vera.see(f"/consents?phone={phone[1:]}")
    assert (asked["do_not_call"], asked["items"]) == (True, [])
    given = {"kind": "given", "phone": phone, "source": "Сайт", "text": "Согласен на звонки"}
    await office.vera.do("/consents", given)
    called = await office.register(client=client, source="cold")
    assert not called["client"]["do_not_call"]
