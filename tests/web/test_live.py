"""Changes appear by themselves, once, and to those alone who may see them: across windows, lost
connections, a gateway's restart, nine tabs.
"""

import asyncio

import pytest
from playwright.async_api import Locator, Page, Request, Route, expect

from tests.e2e.conftest import Product
from tests.e2e.office import Office
from tests.support.servers import free_ports
from tests.support.service_process import Service
from tests.web.listening import listening
from tests.web.pages_client import PagesClient
from tests.web.window import OpenWindow, Window

POOL = "/pool"
SOON = 5_000
AFTER_RESTART = 20_000
NEVER_AGAIN = "new EventSource(`/live"
"""What a script without resuming says only once."""


def _row(page: Page, activity_id: str) -> Locator:
    return page.locator(f"#row-{activity_id}")


async def _connected(window: Window) -> None:
    await expect(window.page.locator("#live")).to_be_attached()
    await expect(window.page.locator("#live.lost")).to_have_count(0)


async def _open_pool(window: Window) -> None:
    """Opens the pool and waits for its stream: until then the page only seems connected."""
    async with window.page.expect_response(lambda response: "/live?" in response.url):
        await window.page.goto(POOL)
    await _connected(window)


async def _takes_elsewhere_show(window: Window, office: Office, timeout: int = SOON) -> None:
    """Boris takes what the window shows as free: its row stays, without its button."""
    activity = await office.register()
    await window.page.reload()
    row = _row(window.page, activity["id"])
    await expect(row.locator("button")).to_have_count(1)
    await office.boris.do(f"/activities/{activity['id']}/take")
    await expect(row.locator("button")).to_have_count(0, timeout=timeout)
    await expect(row).to_be_visible()


async def test_what_another_takes_stays_greyed_without_its_button(
    open_window: OpenWindow, office: Office
) -> None:
    window = await open_window(office.anna, at=POOL)
    await _connected(window)
    await _takes_elsewhere_show(window, office)


async def test_a_lost_connection_shows_and_what_happened_meanwhile_follows(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register()
    window = await open_window(office.anna)
    await _open_pool(window)
    await _follows_after_being_away(window, office, activity["id"])


async def _follows_after_being_away(window: Window, office: Office, activity_id: str) -> None:
    with window.guard.expecting_lost_connection():
        await window.context.set_offline(True)
        await expect(window.page.locator("#live.lost")).to_be_visible(timeout=AFTER_RESTART)
        await office.boris.do(f"/activities/{activity_id}/take")
        await window.context.set_offline(False)
        row = _row(window.page, activity_id)
        await expect(row.locator("button")).to_have_count(0, timeout=AFTER_RESTART)
        await _connected(window)


async def test_what_happens_before_the_first_stream_opens_follows(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register()
    window = await open_window(office.anna)
    opened = asyncio.Event()

    async def once_taken(route: Route) -> None:
        await opened.wait()
        await route.continue_()

    await window.context.route("**/live?*", once_taken)
    await window.page.goto(POOL)
    await expect(_row(window.page, activity["id"]).locator("button")).to_have_count(1)
    await office.boris.do(f"/activities/{activity['id']}/take")
    # The changes are on the stream by now, and a browser without a last event has missed them.
    await asyncio.sleep(1)
    opened.set()
    await expect(_row(window.page, activity["id"]).locator("button")).to_have_count(0)


@pytest.mark.parametrize(("age_seconds", "loads"), [(31, 1), (5, 0)])
async def test_a_pool_that_missed_too_much_is_read_anew_unless_it_was_just_made(
    open_window: OpenWindow, office: Office, age_seconds: int, loads: int
) -> None:
    window = await open_window(office.anna)
    await window.page.clock.install()
    await _open_pool(window)
    await window.page.clock.fast_forward(age_seconds * 1000)
    seen: list[Page] = []
    window.page.on("load", lambda page: seen.append(page))
    # As the tab does that holds the stream.
    await window.page.evaluate(
        """() => { const { account } = document.getElementById("live").dataset;
            new BroadcastChannel(`live-${account}`).postMessage({ kind: "reset", id: "" }); }"""
    )
    await asyncio.sleep(2)
    assert len(seen) == loads


async def test_a_stream_that_never_resumes_is_noticed(
    open_window: OpenWindow, office: Office
) -> None:
    """Planted: a script that opens its stream once."""
    activity = await office.register()
    window = await open_window(office.anna)

    async def without_resuming(route: object) -> None:
        response = await route.fetch()  # type: ignore[attr-defined]
        body = await response.text()
        once = f"if (window.opened) return; window.opened = true; source = {NEVER_AGAIN}"
        broken = body.replace(f"source = {NEVER_AGAIN}", once)
        await route.fulfill(response=response, body=broken)  # type: ignore[attr-defined]

    await window.context.route("**/static/**/*.js*", without_resuming)
    await _open_pool(window)
    with pytest.raises(AssertionError):
        await _follows_after_being_away(window, office, activity["id"])
    window.guard.problems.clear()


async def test_the_stream_resumes_after_the_gateway_restarts(
    open_window: OpenWindow, office: Office, product: Product
) -> None:
    window = await open_window(office.anna, at=POOL)
    await _connected(window)
    with window.guard.expecting_lost_connection():
        product.services["gateway"].stop()
        await expect(window.page.locator("#live.lost")).to_be_visible(timeout=AFTER_RESTART)
        product.services["gateway"].start()
        await expect(window.page.locator("#live.lost")).to_have_count(0, timeout=AFTER_RESTART)
    await _takes_elsewhere_show(window, office)


async def test_nine_tabs_are_live_by_one_stream_which_another_takes_over(
    open_window: OpenWindow, office: Office
) -> None:
    streams: list[str] = []
    window = await open_window(office.anna)

    def note(request: Request) -> None:
        if "/live" in request.url and "/static/" not in request.url:
            streams.append(request.url)

    window.context.on("request", note)
    activity = await office.register()
    tabs = [window.page, *[await window.context.new_page() for _ in range(8)]]
    for tab in tabs:
        await tab.goto(POOL)
    await _connected(window)
    await office.boris.do(f"/activities/{activity['id']}/take")
    for tab in tabs:
        await expect(_row(tab, activity["id"]).locator("button")).to_have_count(0)
    assert len(streams) == 1
    other = await office.register()
    for tab in tabs[1:]:
        await tab.reload()
    await tabs[0].close()
    await office.boris.do(f"/activities/{other['id']}/take")
    for tab in tabs[1:]:
        await expect(_row(tab, other["id"]).locator("button")).to_have_count(0, timeout=SOON)
    assert len(streams) == 2


async def _hears_nothing_of_the_other_room(url: str, office: Office) -> None:
    """Vera works in `back`; what happens in `front` is no business of hers."""
    async with (
        listening(url, office.vera.token) as vera,
        listening(url, office.boris.token) as boris,
    ):
        activity = await office.register()
        await office.anna.do(f"/activities/{activity['id']}/take")
        for _ in range(100):
            if activity["id"] in boris.text:
                break
            await office.anna.see("/me")
        assert activity["id"] in boris.text, "the stream brings nothing at all"
        assert activity["id"] not in vera.text
        assert activity["client"]["name"] not in vera.text


async def test_no_change_reaches_another_room(
    product: Product, office: Office, pages: PagesClient
) -> None:
    await _hears_nothing_of_the_other_room(product.url, office)


async def test_a_change_to_the_wrong_room_is_noticed(
    product: Product, office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Planted: a gateway that believes everything to concern everybody."""
    folder = tmp_path_factory.mktemp("broken")
    broken = Service.of(product.installation, "gateway", folder, port=free_ports(1)[0])
    broken.program = ["-m", "tests.chaos.breakages", "everybody_is_concerned", "gateway"]
    broken.start()
    try:
        with pytest.raises(AssertionError):
            await _hears_nothing_of_the_other_room(broken.url, office)
    finally:
        broken.stop()
