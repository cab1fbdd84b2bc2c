"""How people look at the pages: width, touch, language, theme."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

Language = Literal["ru", "en"]
Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class View:
    """A window of `width` x `height` CSS pixels; the browser asks for the language and theme."""

    width: int
    height: int
    touch: bool
    language: Language = "ru"
    theme: Theme = "light"
    script: bool = True

    def __str__(self) -> str:
        return "-".join((str(self.width), self.language, self.theme))

    @property
    def locale(self) -> str:
        """As the browser names it in Accept-Language."""
        return {"ru": "ru-RU", "en": "en-GB"}[self.language]


DESKTOP = View(1440, 900, touch=False)
PHONE = View(360, 740, touch=True)
WITHOUT_SCRIPT = replace(DESKTOP, script=False)
LANGUAGES: tuple[Language, ...] = ("ru", "en")
THEMES: tuple[Theme, ...] = ("light", "dark")


def every_view() -> Iterator[View]:
    """Both widths in both languages and themes."""
    for base, language, theme in product((DESKTOP, PHONE), LANGUAGES, THEMES):
        yield replace(base, language=language, theme=theme)
