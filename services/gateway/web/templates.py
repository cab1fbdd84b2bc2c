"""Jinja2 templates of the pages, escaped, compiled once a language."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from services.gateway.web.assets import asset_url
from services.gateway.web.catalogue import translations
from services.gateway.web.csp import POLICY
from services.gateway.web.formats import initials, short_name, split_client

FOLDER = Path(__file__).with_name("templates")
EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do")


@cache
def environment(language: str = "en") -> Environment:
    """The templates with the texts of a language."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        extensions=EXTENSIONS,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {
        "asset": asset_url,
        "icon": icon,
        "initials": initials,
        "language": language,
        "short_name": short_name,
        "split_client": split_client,
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
