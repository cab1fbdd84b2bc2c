"""A plan is written rule by rule by its page, read as sentences, and published."""

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.office import Office
from tests.web.support.hands import Hands, hands_of
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow

EVERYBODY = [DESKTOP, PHONE, WITHOUT_SCRIPT]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("view", EVERYBODY, ids=["mouse", "touch", "without-script"])
async def test_a_plan_is_written_rule_by_rule_and_published(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    window = await open_window(office.admin, view, at="/plans")
    page, hands = window.page, hands_of(window)
    await hands.press(page.locator("a[href='/plans/new']").first)
    form = page.locator("#main form")
    await hands.choose(form.locator("[name=company_id]"), office.companies["other"])
    await hands.choose(form.locator("[name=room_id]"), office.rooms["back"])
    await hands.fill(form.locator("[name=name]"), "Зимний")
    await hands.fill(form.locator("[name=effective_from]"), "2026-12-01")
    await _visible(form, "percent", "base", "cap", hidden="tier_from")
    await hands.fill(form.locator("[name=percent]"), "101")
    with window.expecting(422):
        await hands.press(form.locator(".foot button"))
        await expect(form.locator("[name=percent].is-invalid")).to_have_value("101")
    await hands.fill(form.locator("[name=percent]"), "7,125")
    await hands.press(form.locator(".foot button"))
    article = page.locator("article")
    await expect(article).to_contain_text("7,125")
    await _add_tiers(page.locator("#rule-1"), hands)
    await expect(article).to_contain_text("100 000")
    await _change(page.locator("#rule-0"), hands)
    await expect(article).to_contain_text("8 %")
    await expect(article).not_to_contain_text("7,125")
    if view.script:
        await window.inspect()
    path = f"/motivation/plans/{page.url.rpartition('/')[2]}"
    plan = await office.admin.see(path)
    assert [rule["kind"] for rule in plan["rules"]] == ["percent_of_receipts", "tiered_percent"]
    tiers = [(tier["from"], tier["percent"]) for tier in plan["rules"][1]["tiers"]]
    assert [(float(start), float(percent)) for start, percent in tiers] == [(0, 1), (100_000, 2.5)]
    await hands.press(page.locator("#rule-1 > summary"))
    await hands.press(page.locator("#rule-1 [name=remove]"))
    await expect(article).not_to_contain_text("100 000")
    await hands.press(page.get_by_role("button", name="Опубликовать"))
    await expect(page.get_by_role("button", name="Опубликовать")).to_have_count(0)
    published = await office.admin.see(path)
    assert (published["status"], len(published["rules"])) == ("published", 1)


async def _add_tiers(rule: Locator, hands: Hands) -> None:
    await hands.press(rule.locator("> summary"))
    await hands.choose(rule.locator("[name=kind]"), "tiered_percent")
    await _visible(rule, "tier_from", "mode", "threshold", hidden="percent")
    for place, (start, rate) in enumerate([("0", "1"), ("100 000", "2,5")]):
        await hands.fill(rule.locator("[name=tier_from]").nth(place), start)
        await hands.fill(rule.locator("[name=tier_rate]").nth(place), rate)
    await hands.press(rule.locator("button.btn-primary"))


async def _change(rule: Locator, hands: Hands) -> None:
    await hands.press(rule.locator("> summary"))
    await hands.fill(rule.locator("[name=percent]"), "8")
    await hands.press(rule.locator("button.btn-primary"))


async def _visible(rule: Locator, *names: str, hidden: str) -> None:
    """A rule shows the fields of its own kind."""
    for name in names:
        await expect(rule.locator(f"[name={name}]").first).to_be_visible()
    await expect(rule.locator(f"[name={hidden}]").first).to_be_hidden()
