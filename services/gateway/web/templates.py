"""Jinja2 templates of the pages, escaped, compiled once a language."""

from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from services.gateway.web import words
from services.gateway.web.assets import asset_url
from services.gateway.web.csp import POLICY
from services.gateway.web.folding import FoldingEnvironment
from services.gateway.web.formats import initials, short_name, split_client
from services.gateway.web.texts import Texts

FOLDER = Path(__file__).with_name("templates")
EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do")
KEY_PLACE = uuid4().hex
"""Stands in kept HTML where the form of the page that shows it has its idempotency key."""


@cache
def environment(language: str = "en") -> Environment:
    """The templates with the texts of a language."""
    texts = Texts(language)
    made = FoldingEnvironment(
        {"_": texts.one, "gettext": texts.one, "asset": asset_url, "icon": icon},
        loader=FileSystemLoader(FOLDER),
        extensions=EXTENSIONS,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # The extension compiles `trans` for texts that format themselves.
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.globals |= {
        "ngettext": texts.counted,
        "initials": initials,
        "key_place": KEY_PLACE,
        "language": language,
        "short_name": short_name,
        "split_client": split_client,
        "words": words,
    }
    made.filters["with_code"] = with_code
    return made


@cache
def icon(name: str, small: bool = False, label: str = "") -> Markup:
    """A symbol of icons.svg; without a `label` it says nothing that the text does not."""
    kind = "i i-s" if small else "i"
    spoken = Markup('role="img" aria-label="{}"').format(label)
    silent = Markup('aria-hidden="true"')
    return Markup('<svg class="{}" {}><use href="{}#{}"/></svg>').format(
        kind, spoken if label else silent, asset_url("icons.svg"), name
    )


def with_code(text: str) -> Markup:
    """Escaped text in which what stands between backticks is code."""
    parts = text.split("`")
    tagged = [
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    ]
    return Markup("").join(tagged)


def render(template: str, language: str = "en", **values: Any) -> str:
    """The text of a page."""
    return environment(language).get_template(template).render(**values)


def render_part(template: str, block: str, language: str, **values: Any) -> str:
    """The text of one block of a page's template."""
    return render(template, language, fragment=block, **values)


def respond_page(html: str) -> HTMLResponse:
    """A document under the policy of all pages."""
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})
