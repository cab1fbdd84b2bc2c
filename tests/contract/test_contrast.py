"""Contrast of the colours of the pages: 4.5 for text, 3 for parts of controls, in both themes."""

import pytest

from tests.support.contrast import Colours, contrast, tokens_of, too_faint
from tests.support.servers import ROOT

STATIC = ROOT / "services/gateway/web/static"
TEXT = {
    "ink": "canvas sunken surface raised hover accent-soft good-soft warn-soft bad-soft",
    "ink-2": "canvas sunken surface raised hover accent-soft good-soft warn-soft bad-soft",
    "ink-3": "canvas sunken surface raised hover accent-soft",
    "accent": "canvas sunken surface raised hover accent-soft warn-soft bad-soft",
    "good": "surface raised sunken good-soft",
    "warn": "surface raised sunken warn-soft accent-soft",
    "bad": "canvas surface raised sunken hover bad-soft accent-soft",
    "vip": "surface raised vip-soft",
    "on-fill": "accent-fill accent-press bad-fill",
}
PARTS = {
    "line-field": "surface raised",
    "accent": "canvas surface raised sunken",
    "accent-fill": "surface",
    "good-fill": "surface raised",
    "warn-fill": "surface",
    "bad-fill": "surface raised",
    "on-fill": "good-fill",
}


@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (PARTS, 3.0)])
def test_tokens_of_the_pages_are_readable_in_both_themes(
    pairs: dict[str, str], least: float
) -> None:
    css = "".join(path.read_text() for path in sorted(STATIC.glob("*.css")))
    grounds = {front: backs.split() for front, backs in pairs.items()}
    assert too_faint(tokens_of(css), grounds, least) == []


def test_a_faint_colour_is_noticed_in_the_theme_where_it_is_faint() -> None:
    tokens = tokens_of(
        "--ink: light-dark(#151a23, #454d5c); --canvas: light-dark(#ffffff,#0d1014);"
    )
    assert tokens["canvas"] == Colours("#ffffff", "#0d1014")
    (finding,) = too_faint(tokens, {"ink": ["canvas"]}, 4.5)
    assert finding.startswith("dark: ink on canvas is 2.")


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert tokens_of("--on-fill: #ffffff;")["on-fill"] == Colours("#ffffff", "#ffffff")
