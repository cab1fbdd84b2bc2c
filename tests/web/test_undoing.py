"""What can be undone asks nothing before: for five seconds the page offers to take it back."""

from typing import Any

import pytest
from playwright.async_api import expect

from services.gateway.web.undoing import COOKIE
from tests.e2e.office import Office
from tests.web.support.facts import receive, record
from tests.web.support.hands import hands_of
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow, Window

EVERYBODY = [DESKTOP, PHONE, WITHOUT_SCRIPT]
NAMES = ["mouse", "touch", "without-script"]


@pytest.mark.parametrize("view", EVERYBODY, ids=NAMES)
async def test_a_loss_is_taken_back_where_it_was_entered(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    activity = await office.register(take=True)
    window = await open_window(office.anna, view, at=f"/activities/{activity['id']}?open=lose")
    page, hands = window.page, hands_of(window)
    await record(page, hands, "lose", reason="Передумали")
    await page.locator(".notice button").focus()
    await expect(page.locator(".notice")).to_contain_text("проигранная")
    assert await _state(office, activity) == ("lost", office.anna.id)
    await hands.press(page.get_by_role("button", name="Вернуть"))
    await expect(page.locator(".notice")).to_have_count(0)
    await expect(page.locator("#lose")).to_have_count(1)
    assert await _state(office, activity) == ("in_work", office.anna.id)
    if view.script:
        assert await page.evaluate("document.activeElement.id") == "main", "focus is not lost"
    await page.reload()
    await expect(page.locator(".notice")).to_have_count(0)


async def test_an_offer_goes_after_five_seconds_unless_a_hand_is_on_it(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register(take=True)
    window = await _assign(open_window, office, activity, to="")
    page, notice = window.page, window.page.locator(".notice")
    await expect(notice).to_contain_text("Снято с продавца")
    await page.wait_for_timeout(6_000)
    await expect(notice).to_be_visible()
    await window.inspect()
    await page.locator("#main").focus()
    await expect(notice).to_have_count(0)
    assert await _state(office, activity) == ("free", None)


async def test_who_was_assigned_another_sellers_activity_gives_it_back(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register(take=True)
    window = await _assign(open_window, office, activity, to=office.boris.id)
    page = window.page
    await expect(page.locator(".notice")).to_contain_text("Назначено другому")
    assert await _state(office, activity) == ("in_work", office.boris.id)
    await window.press(".notice button")
    # That has given it to another as well, and can be undone in turn.
    former = page.locator(f".notice [name=employee_id][value='{office.boris.id}']")
    await expect(former).to_have_count(1)
    assert await _state(office, activity) == ("in_work", office.anna.id)


async def test_a_payment_put_aside_waits_again_under_the_same_filter(
    open_window: OpenWindow, office: Office
) -> None:
    company, payer = office.companies["main"], "Чужой плательщик"
    await receive(office, payer, "10.00")
    window = await open_window(office.accountant, at=f"/money?company={company}")
    page = window.page
    line = page.locator(".lines.tall > li").filter(has_text=payer)
    await window.press(line.locator("summary"))
    await line.locator("[name=reason]").fill("Ошибка банка")
    await window.press(line.get_by_role("button", name="Отложить"))
    await expect(line).to_have_count(0)
    await page.locator(".notice button").focus()
    await window.press(".notice button")
    await expect(line).to_have_count(1)
    await expect(page.locator("select[name=company]")).to_have_value(company)


@pytest.mark.parametrize("view", [DESKTOP, WITHOUT_SCRIPT], ids=["mouse", "without-script"])
async def test_a_removed_view_comes_back_with_its_filters(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    window = await open_window(office.anna, view, at="/views?of=/board%3Fstep%3Dlate")
    page, hands = window.page, hands_of(window)
    await hands.fill(page.locator("[name=name]"), f"Вернётся {view}")
    await hands.press(page.get_by_role("button", name="Сохранить"))
    await page.wait_for_url("**/board?*")
    await page.goto("/views")
    await hands.press(page.get_by_role("button", name=f"Удалить Вернётся {view}"))
    link = page.get_by_role("link", name=f"Вернётся {view}")
    await expect(link).to_have_count(0)
    await hands.press(page.get_by_role("button", name="Вернуть"))
    await expect(link).to_have_attribute("href", "/board?step=late")


async def test_a_forged_offer_is_not_shown(open_window: OpenWindow, office: Office) -> None:
    window = await open_window(office.anna, at="/board")
    page = window.page
    forged = "done=lost&command=%2Fme%2Fsessions%2Fend"
    await page.context.add_cookies([{"name": COOKIE, "value": forged, "url": page.url}])
    await page.goto("/board")
    await expect(page.locator("#main")).to_be_visible()
    await expect(page.locator(".notice")).to_have_count(0)


async def _assign(
    open_window: OpenWindow, office: Office, activity: dict[str, Any], to: str
) -> Window:
    """The head's window, the focus on what is offered."""
    window = await open_window(office.head, at=f"/activities/{activity['id']}?open=assign")
    await record(window.page, hands_of(window), "assign", employee_id=to)
    await window.page.locator(".notice button").focus()
    return window


async def _state(office: Office, activity: dict[str, Any]) -> tuple[str, str | None]:
    seen = await office.head.see(f"/activities/{activity['id']}")
    return seen["status"], seen["responsible_id"]
