"""Templates of the pages: nothing inline, nothing from elsewhere, and clean by djlint."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.markup import forbidden_markup
from tests.support.servers import ROOT

TEMPLATES = ROOT / "services/gateway/web/templates"


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    assert forbidden_markup(path.read_text()) == []


def test_templates_are_clean_by_djlint() -> None:
    command = [sys.executable, "-m", "djlint", str(TEMPLATES), "--lint"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout[-3000:]


@pytest.mark.parametrize(
    ("planted", "finding"),
    [
        ("<p>\n<script>go()</script>", "line 2: a script inline"),
        ("<style>p { color: red }</style>", "line 1: a style inline"),
        ('<p style="color: red">', "line 1: style= on p"),
        ('<p style="{{ colour }}">', "line 1: style= on p"),
        ('{% if a\n%}<button onclick="go()">{% endif %}', "line 2: onclick= on button"),
        ('<form hx-on:click="go()">', "line 1: hx-on:click= on form"),
        ('<a href=" javascript:go()">', "line 1: href= of a is code"),
        (
            '<script src="//cdn.example/x.js"></script>',
            "line 1: script is from elsewhere: //cdn.example/x.js",
        ),
        (
            '<link rel="stylesheet" href="https://cdn.example/x.css">',
            "line 1: link is from elsewhere: https://cdn.example/x.css",
        ),
    ],
)
def test_what_is_forbidden_is_noticed(planted: str, finding: str) -> None:
    assert forbidden_markup(planted) == [finding]


@pytest.mark.parametrize(
    "allowed",
    [
        '<script src="/static/live.js" defer></script>',
        '<script type="application/json" id="columns">{{ columns }}</script>',
        '<a href="https://example.com" {% if on %}class="on"{% endif %}>onset = style=</a>',
        '<p {{ attributes }} data-on="1">{# <script> #}</p>',
    ],
)
def test_what_is_allowed_is_not_reported(allowed: str) -> None:
    assert forbidden_markup(allowed) == []
