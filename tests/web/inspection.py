"""A thorough look at a screen: axe-core in both themes, also in its dialogs; its width; its text at
200 %.
"""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.web.guards import sideways_scroll
from tests.web.views import THEMES

GRAVE = ("serious", "critical")
_RUN_AXE = """
async scope => {
  const { violations } = await axe.run(scope ?? document, {
    resultTypes: ["violations"], rules: { "target-size": { enabled: true } } });
  return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help,
    where: nodes.slice(0, 3).map(node => node.html.slice(0, 160)) }));
}
"""
_DIALOGS = """
() => [...document.querySelectorAll("dialog, [popover]")].map((element, number) => {
  element.dataset.inspected = number;
  return number;
})
"""
_OPEN = """
number => {
  const element = document.querySelector(`[data-inspected="${number}"]`);
  if (element.popover !== null) element.showPopover();
  else if (!element.open) element.showModal();
}
"""
_CLOSE = """
number => {
  const element = document.querySelector(`[data-inspected="${number}"]`);
  if (element.popover !== null) element.hidePopover(); else element.close();
}
"""
# CSSOM is not subject to the policy against inline styles.
_ENLARGE = "size => { document.documentElement.style.fontSize = size; }"
_CUT_CONTROLS = """
() => [...document.querySelectorAll("button, a.btn, label, h1, h2, input[type=submit]")]
  .filter(element => element.checkVisibility() && !element.closest("[popover], dialog")
    && !element.closest(".visually-hidden") && !element.classList.contains("visually-hidden"))
  .filter(element => {
    const { overflowX, textOverflow } = getComputedStyle(element);
    return overflowX !== "visible" && textOverflow !== "ellipsis"
      && element.scrollWidth > element.clientWidth + 1;
  })
  .slice(0, 3).map(element => element.outerHTML.slice(0, 120))
"""


async def inspect(page: Page) -> list[str]:
    """Everything wrong with the screen as it stands, in words; leaves it as it was."""
    problems = await sideways_scroll(page)
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        problems += [f"{theme}: {problem}" for problem in await _grave_in_axe(page)]
        problems += [f"{theme}: {problem}" for problem in await _grave_in_dialogs(page)]
    return problems + await _unusable_at_double_size(page)


async def _grave_in_dialogs(page: Page) -> list[str]:
    """Each dialog and popover that lies ready on the page, opened in turn."""
    problems = []
    for number in await page.evaluate(_DIALOGS):
        await page.evaluate(_OPEN, number)
        scope = f'[data-inspected="{number}"]'
        if await page.locator(scope).is_visible():
            problems += [f"in a dialog: {each}" for each in await _grave_in_axe(page, scope)]
            problems += await sideways_scroll(page)
        await page.evaluate(_CLOSE, number)
    return problems


async def _grave_in_axe(page: Page, scope: str | None = None) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    violations: list[dict[str, Any]] = await page.evaluate(_RUN_AXE, scope)
    return [
        f"{page.url} {each['id']} ({each['impact']}): {each['help']}: {each['where']}"
        for each in violations
        if each["impact"] in GRAVE
    ]


async def _unusable_at_double_size(page: Page) -> list[str]:
    width = await page.evaluate("innerWidth")
    if width < 1000:
        return []
    await page.evaluate(_ENLARGE, "200%")
    problems = await sideways_scroll(page)
    cut = await page.evaluate(_CUT_CONTROLS)
    await page.evaluate(_ENLARGE, "")
    return [f"at 200 %: {each}" for each in problems] + [
        f"at 200 %: {page.url} cuts off {each}" for each in cut
    ]


@cache
def _axe() -> str:
    return Path(__file__).with_name("vendor").joinpath("axe-core/axe.min.js").read_text()
