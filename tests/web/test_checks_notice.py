"""Each check of pages is shown a planted breakage: one that was never seen red proves nothing."""

import re
from collections.abc import Callable

import pytest
from playwright.async_api import Route

from tests.web.inspection import inspect
from tests.web.views import PHONE
from tests.web.window import OpenWindow, Window

Change = Callable[[str], str]


async def _open_changed(open_window: OpenWindow, change: Change, **headers: str) -> Window:
    """The sign-in page on a phone, its HTML changed on the way."""
    window = await open_window(view=PHONE)

    async def changed(route: Route) -> None:
        response = await route.fetch()
        sent = {**response.headers, **headers}
        await route.fulfill(response=response, body=change(await response.text()), headers=sent)

    await window.context.route("**/sign-in*", changed)
    await window.page.goto("/sign-in")
    return window


def _taken(window: Window) -> str:
    """What the guards have noticed, so that the test itself does not fail for it."""
    problems = "\n".join(window.guard.problems)
    window.guard.problems.clear()
    return problems


@pytest.mark.parametrize(
    ("planted", "noticed"),
    [
        ("<script>go()</script>", "content security policy: script-src"),
        ('<p style="color: red">planted</p>', "content security policy: style-src"),
        ('<img alt="" src="https://elsewhere.example/x.png">', "a request leaves the origin"),
        ('<script src="/static/missing.js"></script>', "status of 404"),
    ],
)
async def test_a_planted_breakage_is_noticed_by_the_guards(
    open_window: OpenWindow, planted: str, noticed: str
) -> None:
    window = await _open_changed(open_window, lambda html: html.replace("</body>", planted))
    await window.page.wait_for_timeout(200)
    assert noticed in _taken(window)


async def test_a_missing_policy_is_noticed(open_window: OpenWindow) -> None:
    policy = {"content-security-policy": "default-src 'self'"}
    window = await _open_changed(open_window, lambda html: html, **policy)
    assert "has the policy default-src 'self'" in _taken(window)


async def test_a_removed_label_is_noticed(open_window: OpenWindow) -> None:
    def without_labels(html: str) -> str:
        return html.replace("<label", "<span").replace("</label", "</span")

    window = await _open_changed(open_window, without_labels)
    problems = "\n".join(await inspect(window.page))
    assert "label (critical)" in problems


@pytest.mark.parametrize(
    ("spoil", "noticed"),
    [
        ("document.querySelector('h1').style.width = '900px'", "px wider"),
        ("document.querySelector('h1').style.color = '#bbbbbb'", "color-contrast \\(serious\\)"),
        (
            "document.body.innerHTML += '<dialog><input></dialog>'",
            "in a dialog: .*label \\(critical\\)",
        ),
    ],
)
async def test_a_spoilt_screen_is_noticed_by_the_inspection(
    open_window: OpenWindow, spoil: str, noticed: str
) -> None:
    window = await open_window(view=PHONE, at="/sign-in")
    assert await inspect(window.page) == []
    await window.page.evaluate(spoil)
    assert re.search(noticed, "\n".join(await inspect(window.page)))
    await window.page.reload()


async def test_an_error_of_a_script_is_noticed(open_window: OpenWindow) -> None:
    window = await open_window(at="/sign-in")
    await window.page.evaluate("setTimeout(() => { throw new Error('planted'); })")
    await window.page.wait_for_timeout(100)
    assert "planted" in _taken(window)
