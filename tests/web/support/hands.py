"""What people do with a page: with a mouse, a finger, or the keyboard alone."""

from typing import Protocol

from playwright.async_api import CDPSession, Locator, Page

from tests.web.window import Window

_MOST_TABS = 150
_MOST_OPTIONS = 60
_IS_FOCUSED = "element => element === document.activeElement"
_LETTERS = dict(zip("QWERTYUIOPASDFGHJKLZXCVBNM", "йцукенгшщзфывапролдячсмить", strict=True))
"""What the keys with Latin letters type in the Russian layout."""


class Hands(Protocol):
    """Steps of a journey; each waits for its element, none for a time."""

    async def press(self, target: Locator) -> None: ...

    async def fill(self, field: Locator, text: str) -> None:
        """Types instead of what is there: a date as `2026-12-31`, a moment with `T12:00`."""

    async def choose(self, field: Locator, value: str) -> None:
        """Chooses the option with this value."""


def hands_of(window: Window, keyboard: bool = False) -> Hands:
    """The keyboard alone, else what the window's view has: a finger or a mouse."""
    return KeyboardHands(window) if keyboard else PointerHands(window)


class PointerHands:
    """Points with a mouse or a finger, and types."""

    def __init__(self, window: Window) -> None:
        self._window = window

    async def press(self, target: Locator) -> None:
        await self._window.press(target)

    async def fill(self, field: Locator, text: str) -> None:
        await field.fill(text)

    async def choose(self, field: Locator, value: str) -> None:
        await field.select_option(value)


class KeyboardHands:
    """Goes from element to element by Tab alone; keys type what they do in the Russian layout."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._session: CDPSession | None = None

    @property
    def _page(self) -> Page:
        return self._window.page

    async def press(self, target: Locator) -> None:
        await self._reach(target)
        is_ticked = await target.evaluate(
            "element => element.matches('[type=checkbox], [type=radio]')"
        )
        await self._page.keyboard.press("Space" if is_ticked else "Enter")

    async def fill(self, field: Locator, text: str) -> None:
        await self._reach(field)
        kind = await field.get_attribute("type")
        if kind in ("date", "datetime-local"):
            await self._type_moment(text)
        else:
            await self._page.keyboard.press("Control+KeyA")
            await self._page.keyboard.type(text)
        assert await field.input_value() == text

    async def choose(self, field: Locator, value: str) -> None:
        await self._reach(field)
        await self._page.keyboard.press("Home")
        for _ in range(_MOST_OPTIONS):
            if await field.input_value() == value:
                return
            await self._page.keyboard.press("ArrowDown")
        raise AssertionError(f"no option {value} by the arrows")

    async def key(self, code: str, control: bool = False) -> None:
        """Presses the key at a place, as `KeyA`, while the Russian layout is on."""
        if self._session is None:
            self._session = await self._page.context.new_cdp_session(self._page)
        letter = _LETTERS[code.removeprefix("Key")]
        event = {"code": code, "key": letter, "modifiers": 2 if control else 0}
        typed = {} if control else {"text": letter}
        await self._session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event, **typed})
        await self._session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})

    async def _reach(self, target: Locator) -> None:
        """Tabs until the focus is on `target`, as somebody does who sees where it is."""
        await target.wait_for()
        for _ in range(_MOST_TABS):
            if await target.evaluate(_IS_FOCUSED):
                return
            await self._page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab")

    async def _type_moment(self, text: str) -> None:
        """The parts of a date in the order of the browser's own language (month first), the hour of
        twelve.
        """
        day, _, time = text.partition("T")
        year, month, day_of_month = day.split("-")
        await self._page.keyboard.type(f"{month}{day_of_month}{year}")
        if time:
            await self._page.keyboard.press("ArrowRight")
            hour, minute = time.split(":")
            half = "PM" if int(hour) >= 12 else "AM"
            await self._page.keyboard.type(f"{int(hour) % 12 or 12:02d}{minute}{half}")
