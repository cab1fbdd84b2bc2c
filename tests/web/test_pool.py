"""The pool in hands: taking by mouse, by touch, by key and without script; losing a race; being too
soon; a session that ended meanwhile.
"""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Route, expect

from tests.e2e.office import Office
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow, Window

POOL = "/pool"
TAKEN = re.compile("/take$")
COOLDOWN = 60
EVERYBODY = [DESKTOP, PHONE, WITHOUT_SCRIPT]
NAMES = ["mouse", "touch", "without-script"]


def _row(window: Window, activity_id: str) -> Locator:
    return window.page.locator(f"#row-{activity_id}")


@pytest.mark.parametrize("view", EVERYBODY, ids=NAMES)
async def test_one_press_takes_a_free_activity(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    activity = await office.register(by=office.boris)
    window = await open_window(office.anna, view, at=POOL)
    await window.press(_row(window, activity["id"]).locator("button"))
    await expect(_row(window, activity["id"]).locator("button")).to_have_count(0)
    taken = await office.anna.see(f"/activities/{activity['id']}")
    assert taken["responsible_id"] == office.anna.id
    if view.script:
        await window.inspect()


async def test_what_i_took_is_mine_though_the_change_is_heard_before_the_answer(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register(by=office.boris)
    window = await open_window(office.anna, at=POOL)
    row = _row(window, activity["id"])
    await window.page.evaluate(
        """id => document.addEventListener("live", ({ detail: change }) => {
            if (change.id === id) window.heard = change.status; })""",
        activity["id"],
    )

    async def answer_late(route: Route) -> None:
        answer = await route.fetch()
        await window.page.wait_for_function("() => window.heard && window.heard !== 'free'")
        await route.fulfill(response=answer)

    await window.page.route(TAKEN, answer_late)
    await window.press(row.locator("button"))
    await expect(row.locator("td a")).to_have_text("Ваша, открыть")


async def test_a_key_takes_in_a_russian_layout_too(open_window: OpenWindow, office: Office) -> None:
    activity = await office.register(by=office.boris)
    window = await open_window(office.anna, at=POOL)
    await _row(window, activity["id"]).locator("a").first.focus()
    # The key of T types another letter there; what counts is its place.
    await window.page.evaluate(
        """() => document.activeElement.dispatchEvent(new KeyboardEvent(
            "keydown", { code: "KeyT", key: "\\u0435", bubbles: true, cancelable: true }))"""
    )
    await expect(_row(window, activity["id"]).locator("button")).to_have_count(0)
    taken = await office.anna.see(f"/activities/{activity['id']}")
    assert taken["responsible_id"] == office.anna.id


async def test_two_who_press_at_once_have_one_winner_and_the_other_sees_why_in_place(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register(by=office.boris)
    windows = [await open_window(each, at=POOL) for each in (office.anna, office.boris)]
    rows = [_row(window, activity["id"]) for window in windows]
    answers = [window.page.expect_response(TAKEN) for window in windows]
    with windows[0].expecting(409), windows[1].expecting(409):
        async with answers[0], answers[1]:
            await asyncio.gather(*(row.locator("button").click(no_wait_after=True) for row in rows))
        for row in rows:
            await expect(row.locator("button")).to_have_count(0)
    responsible = (await office.head.see(f"/activities/{activity['id']}"))["responsible_id"]
    assert responsible in (office.anna.id, office.boris.id)
    loser = rows[responsible == office.anna.id]
    await expect(loser).to_be_visible()
    await expect(loser).to_contain_text(re.compile("Взял|anna|boris"))


@pytest.mark.parametrize("view", EVERYBODY, ids=NAMES)
async def test_a_second_take_too_soon_says_when_and_counts_down(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    first, second = [await office.register(by=office.boris) for _ in range(2)]
    window = await open_window(office.anna, view, at=POOL)
    await window.press(_row(window, first["id"]).locator("button"))
    await expect(_row(window, first["id"]).locator("button")).to_have_count(0)
    if not view.script:
        await window.page.goto(POOL)
    # Not sooner: the tests before have left takes of hers behind.
    await office.set_room_settings(retake_cooldown_seconds=COOLDOWN)
    try:
        with window.expecting(429):
            await window.press(_row(window, second["id"]).locator("button"))
            await expect(window.page.get_by_role("alert")).to_contain_text(re.compile(r"\d"))
        if view.script:
            await _counts_down(window)
            await window.inspect()
    finally:
        await office.set_room_settings()
    assert (await office.anna.see(f"/activities/{second['id']}"))["status"] == "free"


async def _counts_down(window: Window) -> None:
    countdown = window.page.get_by_role("alert").locator("[data-until]")
    seconds = int(re.sub(r"\D", "", await countdown.inner_text()))
    assert 0 < seconds <= COOLDOWN
    await asyncio.sleep(2.1)
    assert int(re.sub(r"\D", "", await countdown.inner_text())) < seconds


async def test_a_session_that_ended_leads_back_to_the_same_page(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register(by=office.boris)
    path = f"{POOL}?company={office.companies['main']}"
    window = await open_window(office.anna, at=path)
    await window.context.clear_cookies()
    with window.expecting(401):
        await window.press(_row(window, activity["id"]).locator("button"))
        await window.page.locator("#problem a[href*='/sign-in']").click()
    await window.sign_in(office.anna)
    await expect(window.page).to_have_url(re.compile(re.escape(path)))


async def test_filters_live_in_the_address_and_survive_back_and_reload(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register(by=office.boris)
    path = f"{POOL}?company={office.companies['main']}"
    window = await open_window(office.anna, at=path)
    await window.page.evaluate("scrollTo(0, 40)")
    await window.page.goto("/pool?company=")
    await window.page.go_back()
    await expect(window.page).to_have_url(re.compile(re.escape(path)))
    await window.page.reload()
    await expect(_row(window, activity["id"])).to_be_visible()
