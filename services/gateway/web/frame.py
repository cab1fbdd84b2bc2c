"""What stands around every page and changes with the place alone: rendered once, kept."""

from functools import lru_cache

from markupsafe import Markup

from services.gateway.web.menu import Item
from services.gateway.web.templates import render

_MENUS = 2_000
"""Places of all roles in both languages are far fewer."""


@lru_cache(maxsize=_MENUS)
def side_menu(items: tuple[Item, ...], path: str, language: str) -> Markup:
    """The screens in the side bar; `path` is the one that is shown, empty for none of them."""
    return Markup(render("parts/menu.html", language, menu=items, path=path))  # noqa: S704 -- ours


@lru_cache(maxsize=_MENUS)
def dock(items: tuple[Item, ...], path: str, language: str, sells: bool) -> Markup:
    """The bar at the bottom of a phone."""
    values = {"menu": items, "path": path, "sells": sells}
    return Markup(render("parts/dock.html", language, **values))  # noqa: S704 -- ours
