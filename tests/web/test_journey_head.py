"""A head's day: who needs help, work assigned and taken away, a number changed after its preview
with the open countdowns following, a dispute answered, a seller dismissed with all they hold.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient
from tests.support.wait import eventually
from tests.web.support.facts import record
from tests.web.support.hands import Hands, hands_of
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow, Window

RULES = [{"kind": "percent_of_receipts", "percent": "10.00"}]
SLOW = 20_000
"""Milliseconds that a job, or a realignment, may take on a busy machine."""
BEFORE, AFTER = 14, 9


@dataclass
class Room:
    """The head's window on a room of their own tenant."""

    office: Office
    window: Window
    hands: Hands

    @property
    def page(self) -> Page:
        return self.window.page


@pytest.mark.timeout(240)
@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=["mouse", "touch"])
async def test_a_head_helps_decides_and_lets_a_seller_go(
    open_window: OpenWindow, gateway: ApiClient, product: Product, view: View
) -> None:
    office = await open_office(gateway, product.operator_key)
    await office.publish_plan(RULES)
    # Whoever dismisses is an admin, too.
    path = f"/employees/{office.head.id}"
    await office.admin.do(path, {"roles": ["head", "admin"]}, method="PATCH")
    late = [await _late(office) for _ in range(2)]
    window = await open_window(view=view)
    await window.sign_in(office.head)
    room = Room(office, window, hands_of(window))
    await _sees_who_needs_help(room)
    assigned = await _assigns(room)
    await _takes_away_in_bulk(room, late)
    await _changes_a_number(room, await open_window(office.boris, view), assigned)
    await _answers_a_dispute(room)
    await _dismisses(room, assigned)


async def _late(office: Office) -> Any:
    """An activity of Anna's whose step is late in a moment."""
    activity = await office.register(take=True)
    due_at = datetime.now(UTC) + timedelta(seconds=1)
    step = {"what": "Перезвонить", "due_at": due_at.isoformat()}
    path = f"/activities/{activity['id']}/interactions"
    await office.anna.do(path, {"kind": "call", "next_step": step})
    return activity


async def _sees_who_needs_help(room: Room) -> None:
    async def late() -> bool:
        path = f"/dashboards/room?room_id={room.office.rooms['front']}"
        dashboard = await room.office.head.see(path)
        return bool(dashboard["load"]["overdue_steps"] == 2)

    await eventually(late)
    await room.page.goto("/room")
    first = room.page.locator("table.people tbody tr").first
    await expect(first).to_contain_text(room.office.anna.name)
    await expect(first.locator(".bad")).to_have_text("2")
    await room.window.inspect()


async def _assigns(room: Room) -> Any:
    """A free activity goes to Boris."""
    activity = await room.office.register()
    await room.page.goto(f"/activities/{activity['id']}")
    await record(room.page, room.hands, "assign", employee_id=room.office.boris.id)
    deal = room.page.locator("section[aria-labelledby=deal]")
    await expect(deal).to_contain_text(room.office.boris.name)
    return activity


async def _takes_away_in_bulk(room: Room, late: list[Any]) -> None:
    page, hands = room.page, room.hands
    await page.goto("/room?which=overdue")
    for activity in late:
        await hands.press(page.locator(f"[name=id][value='{activity['id']}']"))
    form = page.locator("form[action='/room/bulk']")
    await hands.choose(form.locator("[name=action]"), "take_away")
    await hands.press(form.locator("fieldset button"))
    await expect(page.locator("#job")).to_contain_text("готово", timeout=SLOW)
    await expect(page.locator("#job")).to_contain_text("2 / 2")
    for activity in late:
        seen = await room.office.head.see(f"/activities/{activity['id']}")
        assert (seen["status"], seen["responsible_id"]) == ("free", None)


async def _changes_a_number(room: Room, seller: Window, assigned: Any) -> None:
    """After the preview the number is saved; the countdown on the seller's screen follows."""
    await seller.page.goto(f"/activities/{assigned['id']}")
    countdown = seller.page.locator("aside time[data-left]").first
    before = datetime.fromisoformat(str(await countdown.get_attribute("datetime")))
    page, hands, company = room.page, room.hands, room.office.companies["main"]
    await page.goto(f"/room/settings?room={room.office.rooms['front']}&company={company}")
    await hands.fill(page.locator("[name=activity_reset_days]"), str(AFTER))
    await expect(page.locator("button[name=save]")).to_have_count(0)
    await hands.press(page.locator("form.stack button").first)
    await expect(page.locator("section[aria-labelledby=then]")).to_contain_text("Сбросятся раньше1")
    await expect(page.locator("section[aria-labelledby=then]")).not_to_contain_text("не проверить")
    await room.window.inspect()
    await hands.press(page.locator("button[name=save]"))
    history = page.locator("section[aria-labelledby=history] li").first
    await expect(history).to_contain_text(f"{BEFORE} → {AFTER}")
    sooner = (before - timedelta(days=BEFORE - AFTER)).isoformat()[:16]
    await expect(countdown).to_have_attribute("datetime", re.compile(f"^{sooner}"), timeout=SLOW)


async def _answers_a_dispute(room: Room) -> None:
    office, page = room.office, room.page
    won = await office.win(office.boris, "plain")

    async def line() -> Any:
        lines = (await office.boris.see("/motivation/statement"))["lines"]
        return next((each for each in lines if each["activity_id"] == won["id"]), None)

    entry = await eventually(line)
    body = {"entry_id": entry["id"], "reason": "Обещали двенадцать процентов"}
    await office.boris.do("/motivation/disputes", body)
    await page.goto("/disputes")
    await room.hands.press(page.locator("tbody a").filter(has_text=office.boris.name))
    await expect(page.locator("#dispute")).to_contain_text("Обещали двенадцать процентов")
    await expect(page.locator("section[aria-labelledby=way] li").first).to_be_visible()
    await room.hands.fill(page.locator("#answer"), "По плану десять, с декабря двенадцать")
    await room.hands.press(page.locator("form[action$='/answer'] button"))
    await expect(page.locator("section[aria-labelledby=talk]")).to_contain_text("По плану десять")
    await room.window.inspect()


async def _dismisses(room: Room, assigned: Any) -> None:
    office, page = room.office, room.page
    await page.goto(f"/directory/employees/{office.boris.id}")
    await room.hands.press(page.locator('a[href$="/dismissal"]'))
    await room.hands.choose(page.locator("select[name^=to-]"), office.anna.id)
    await room.hands.press(page.locator("form:has(select[name^=to-]) button"))
    await expect(page.locator("#main [role=status]")).to_contain_text("1 активность")
    await room.hands.press(page.locator("[name=dismiss]"))
    await expect(page.locator("[name=dismiss]")).to_have_count(0)

    async def handed_over() -> bool:
        seen = await office.head.see(f"/activities/{assigned['id']}")
        return bool(seen["responsible_id"] == office.anna.id)

    await eventually(handed_over)
    assert not (await office.admin.see(f"/employees/{office.boris.id}"))["active"]
