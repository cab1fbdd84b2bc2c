"""What is chosen is found by what people know of it: by mouse, by touch and without script."""

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.support.money import rub
from tests.web.support.facts import receive
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow

EVERYBODY = [DESKTOP, PHONE, WITHOUT_SCRIPT]
NAMES = ["mouse", "touch", "without-script"]
PAID = "2500.50"


@pytest.mark.parametrize("view", EVERYBODY, ids=NAMES)
async def test_a_payment_is_matched_by_the_name_of_its_client(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    activity = await office.register("goods", take=True)
    name = activity["client"]["name"]
    path = f"/activities/{activity['id']}"
    await office.anna.do(f"{path}/invoices", {"amount": rub(PAID)})
    came = await receive(office, f"Плательщик by-hand-{view}-{view.script}", PAID)
    window = await open_window(office.accountant, view, at="/money")
    line = window.page.locator(".lines.tall > li").filter(has_text=came["payer"]["name"])
    await window.press(line.locator("summary"))
    await line.locator("[name=find]").fill(name)
    await window.press(line.get_by_role("button", name="Найти"))
    await window.press(line.locator("label").filter(has_text=name))
    if view.script:
        await window.inspect()
    await window.press(line.get_by_role("button", name="Разнести"))
    await expect(line).to_have_count(0)
    seen = await office.accountant.see(path)
    assert seen["paid"] == rub(PAID)
    await window.page.goto("/money?state=booked")
    await expect(window.page.locator("#main")).to_contain_text(came["payer"]["name"])


async def test_a_refused_match_keeps_what_was_found_and_picked(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register("goods", take=True)
    name = activity["client"]["name"]
    came = await receive(office, "Плательщик too-much", "10.00")
    window = await open_window(office.accountant, at=f"/money?for={came['id']}&find={name}")
    line = window.page.locator(".lines.tall > li").filter(has_text=came["payer"]["name"])
    await window.press(line.locator("label").filter(has_text=name))
    await line.locator("[name=amount]").fill("20,00")
    with window.expecting(409, 422):
        await window.press(line.get_by_role("button", name="Разнести"))
        await expect(window.page.get_by_role("alert").first).to_be_visible()
    await expect(line.locator("[name=activity_id]")).to_be_checked()
    await expect(line.locator("[name=amount]")).to_have_value("20,00")
    assert (await office.accountant.see(f"/activities/{activity['id']}"))["payments"] == []


async def test_words_that_nobody_is_known_by_say_so(
    open_window: OpenWindow, office: Office
) -> None:
    came = await receive(office, "Плательщик nobody", "11.00")
    window = await open_window(office.accountant, at=f"/money?for={came['id']}&find=Никто")
    await expect(window.page.locator("#main")).to_contain_text("ничего не нашлось")


@pytest.mark.parametrize("view", EVERYBODY, ids=NAMES)
async def test_a_client_is_joined_with_the_one_found_by_name(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    twin, stays = [(await office.register(take=True))["client"] for _ in range(2)]
    window = await open_window(office.head, view, at=f"/clients/{twin['id']}")
    form = window.page.locator("details").filter(has=window.page.locator("#merge-find"))
    await window.press(form.locator("summary"))
    await form.locator("#merge-find").fill(stays["name"])
    await window.press(form.get_by_role("button", name="Найти"))
    await window.press(form.locator("label").filter(has_text=stays["name"]))
    if view.script:
        await window.inspect()
    await window.press(form.get_by_role("button", name="Объединить"))
    await window.page.wait_for_url(f"**/clients/{stays['id']}")
    await expect(window.page.locator("h1")).to_have_text(stays["name"])
    joined = await office.head.see(f"/clients/{twin['id']}")
    assert stays["id"] in (joined["id"], joined["merged_into"])
