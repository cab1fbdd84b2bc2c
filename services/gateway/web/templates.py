"""Jinja2 templates of the pages, escaped, compiled once."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from services.gateway.web.csp import POLICY

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def with_code(text: str) -> Markup:
    """Escaped text in which what stands between backticks is code."""
    parts = text.split("`")
    tagged = [
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    ]
    return Markup("").join(tagged)


_ENVIRONMENT.filters["with_code"] = with_code


def render(template: str, **values: Any) -> str:
    """The text of a page."""
    return _ENVIRONMENT.get_template(template).render(**values)


def respond_page(html: str) -> HTMLResponse:
    """A page under the policy of all pages."""
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})


STATIC = StaticFiles(directory=Path(__file__).with_name("static"))
"""Scripts and styles, as they are in `static/`; mounted at `/static`."""
