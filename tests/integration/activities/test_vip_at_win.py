"""An activity's state says whether its client was a VIP as it was won."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from shared.db import Database
from tests.integration.activities.shop import Shop, hold_as_vip
from tests.integration.activities.vips import Vip
from tests.support.money import rub


async def _said(shop: Shop, activity: Any) -> list[tuple[str, bool | None]]:
    """The types of the activity's events from the win on, each with what its state says."""
    rows = await shop.tenant.reader.fetch(
        "SELECT type, value FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2"
        " ORDER BY aggregate_version",
        shop.tenant.tenant_id,
        UUID(activity["id"]),
    )
    said = [
        (row["type"], orjson.loads(row["value"])["state"]["vip"])
        for row in rows
        if row["type"] != "activity.described"
    ]
    return said[[event_type for event_type, _ in said].index("activity.won") :]


async def test_a_client_who_is_held_is_a_vip_of_the_win(shop: Shop) -> None:
    activity = await shop.register()
    await hold_as_vip(shop.tenant, activity, shop.seller)
    await shop.win(activity)
    assert await _said(shop, activity) == [("activity.won", True)]


async def test_any_other_client_is_none(shop: Shop, database: Database) -> None:
    never, released, lapsed = [await shop.register() for _ in range(3)]
    past = datetime.now(UTC) - timedelta(minutes=1)
    await Vip(shop.tenant, database, released["client"]["id"]).publish(
        (shop.seller.id, 1), (None, 2)
    )
    await Vip(shop.tenant, database, lapsed["client"]["id"]).publish(
        (shop.seller.id, 1), protected_until=past
    )
    for activity in (never, released, lapsed):
        await shop.win(activity)
        assert await _said(shop, activity) == [("activity.won", False)]


async def test_what_it_was_at_the_win_stays_until_it_is_won_again(
    shop: Shop, database: Database
) -> None:
    activity = await shop.register()
    vip = Vip(shop.tenant, database, activity["client"]["id"])
    await shop.win(activity)
    await vip.publish((shop.seller.id, 1))
    payment = {"amount": rub(100), "reason": "скидка"}
    await shop.tenant.do(shop.head, activity, "refunds", **payment)
    assert {said for _, said in await _said(shop, activity)} == {False}
    await shop.tenant.do(shop.head, activity, "reopen", reason="ошибка")
    await shop.tenant.do(shop.seller, activity, "payments", amount=rub(100))
    said = await _said(shop, activity)
    reversed_at = [event_type for event_type, _ in said].index("activity.win_reversed")
    assert all(vip is None for _, vip in said[reversed_at:-1])
    assert said[-1] == ("activity.won", True)
