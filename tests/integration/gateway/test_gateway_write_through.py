"""Write-through: a response is in the read models before its event, and the event changes nothing
on screen.
"""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.write_through import WriteThrough
from services.gateway.read_models.kinds import ResponseKind
from shared.ids import TenantId
from tests.integration.gateway.events import (
    COMPANY,
    ROOM,
    SELLER,
    activity_event,
    activity_moved,
    activity_state,
    activity_view,
    client_changed,
    person_described,
)
from tests.integration.gateway.models import ReadModels
from tests.integration.gateway.reading import read_pool, seller_of


async def store(
    models: ReadModels, tenant_id: TenantId, kind: ResponseKind, view: Any
) -> WriteThrough:
    write_through = WriteThrough(models.generations, GatewayMetrics())
    response = UpstreamResponse(200, [], orjson.dumps(view))
    await write_through.store(seller_of(tenant_id), kind, {}, {}, response)
    return write_through


async def test_a_response_is_shown_before_its_event_which_changes_nothing(
    models: ReadModels,
) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()
    state = activity_state(ROOM, client, COMPANY)
    view = activity_view(activity_id, 1, state, "ООО", {"note": "сказал позже"})
    await store(models, tenant_id, "activity", view)
    assert (await read_pool(models, tenant_id))["items"] == [view]
    await models.apply(tenant_id, activity_event(tenant_id, activity_id, 1, state))
    assert (await read_pool(models, tenant_id))["items"] == [view]


async def test_an_earlier_event_does_not_undo_a_response(models: ReadModels) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()
    taken = activity_state(ROOM, client, COMPANY, SELLER)
    await store(models, tenant_id, "activity", activity_view(activity_id, 2, taken, "ООО"))
    free = activity_state(ROOM, client, COMPANY)
    await models.apply(tenant_id, activity_event(tenant_id, activity_id, 1, free))
    assert (await read_pool(models, tenant_id))["items"] == []


async def test_a_renamed_client_is_renamed_in_its_activities(models: ReadModels) -> None:
    tenant_id, client = TenantId(uuid4()), uuid4()
    state = activity_state(ROOM, client, COMPANY)
    await models.apply(
        tenant_id,
        activity_event(tenant_id, uuid4(), 1, state),
        person_described(tenant_id, client, "Ромашка"),
    )
    marks = {"large": True, "do_not_call": False}
    renamed = {"id": str(client), "version": 2, "name": "Лютик", **marks}
    await store(models, tenant_id, "client", renamed)
    (item,) = (await read_pool(models, tenant_id))["items"]
    assert item["client"] == {"id": str(client), "name": "Лютик", **marks}


async def test_clients_who_said_not_to_call_are_marked_in_the_pool(models: ReadModels) -> None:
    tenant_id, clients = TenantId(uuid4()), (uuid4(), uuid4())
    for client in clients:
        state = activity_state(ROOM, client, COMPANY)
        await models.apply(
            tenant_id,
            activity_event(tenant_id, uuid4(), 1, state),
            person_described(tenant_id, client, "Ромашка"),
        )
    marked = {"version": 2, "name": "Ромашка", "large": False, "do_not_call": True}
    said = {"id": str(uuid4()), "clients": [{"id": str(client), **marked} for client in clients]}
    await store(models, tenant_id, "clients", said)
    items = (await read_pool(models, tenant_id))["items"]
    assert [item["client"]["do_not_call"] for item in items] == [True, True]
    # What was said later, on the bus.
    changed = client_changed(tenant_id, clients[0], [ROOM], version=3)
    await models.apply(tenant_id, changed)
    items = (await read_pool(models, tenant_id))["items"]
    assert sorted(item["client"]["do_not_call"] for item in items) == [False, True]


async def test_a_response_goes_to_every_generation_though_the_pointer_moved(
    models: ReadModels,
) -> None:
    tenant_id, writer = TenantId(uuid4()), models.another_process()
    await writer.generations.read()
    fresh = models.fresh()
    await models.make_live(fresh)
    state = activity_state(ROOM, uuid4(), COMPANY)
    await store(writer, tenant_id, "activity", activity_view(uuid4(), 1, state, "ООО"))
    assert len((await read_pool(models, tenant_id))["items"]) == 1


@pytest.mark.parametrize("view", [[], {}, {"version": 1}, {"version": "x", "id": str(UUID(int=1))}])
async def test_a_malformed_response_fails_no_command(models: ReadModels, view: Any) -> None:
    await store(models, TenantId(uuid4()), "activity", view)
    await store(models, TenantId(uuid4()), "room_settings", view)


async def test_a_moved_activity_leaves_its_room_with_the_response(models: ReadModels) -> None:
    tenant_id, client, activity_id = TenantId(uuid4()), uuid4(), uuid4()
    there = uuid4()
    here, moved = (activity_state(room, client, COMPANY) for room in (ROOM, there))
    await store(models, tenant_id, "activity", activity_view(activity_id, 1, here, "ООО"))
    view = activity_view(activity_id, 2, moved, "ООО")
    await store(models, tenant_id, "activity", {**view, "from_room_id": str(ROOM)})
    assert (await read_pool(models, tenant_id))["items"] == []
    assert (await read_pool(models, tenant_id, room_id=there))["items"] == [view]
    await models.apply(tenant_id, activity_moved(tenant_id, activity_id, 2, ROOM, moved))
    assert (await read_pool(models, tenant_id))["items"] == []
    assert (await read_pool(models, tenant_id, room_id=there))["items"] == [view]
