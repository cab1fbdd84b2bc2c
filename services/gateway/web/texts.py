"""Messages of the catalogue in one language, as templates ask for them."""

from functools import lru_cache
from typing import Any

from markupsafe import Markup

from services.gateway.web.catalogue import translations

_MESSAGES = 10_000


class Texts:
    """The texts of a language as HTML: each looked up once, its variables escaped."""

    def __init__(self, language: str) -> None:
        self._catalogue = translations(language)
        self._template = lru_cache(_MESSAGES)(self._look_up)
        self._plain = lru_cache(_MESSAGES)(self._without_variables)

    def one(self, message: str, /, **variables: Any) -> Markup:
        """The text of a message: `_` in templates."""
        return self._template(message) % variables if variables else self._plain(message)

    def counted(self, singular: str, plural: str, number: int, /, **variables: Any) -> Markup:
        """The form of a message that goes with `number`."""
        text = Markup(self._catalogue.ngettext(singular, plural, number))  # noqa: S704 -- ours
        return text % {"num": number, **variables}

    def _look_up(self, message: str) -> Markup:
        return Markup(self._catalogue.gettext(message))  # noqa: S704 -- the catalogue is ours

    def _without_variables(self, message: str) -> Markup:
        return self._template(message) % {}
