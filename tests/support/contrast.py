"""Contrast of colours by WCAG 2.2."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_PAIR = re.compile(r"--([\w-]+):\s*light-dark\(\s*(#\w{6})\s*,\s*(#\w{6})\s*\)")
_SINGLE = re.compile(r"--([\w-]+):\s*(#\w{6})\s*;")


class Colours(NamedTuple):
    """A token in both themes, as `#rrggbb`."""

    light: str
    dark: str


def tokens_of(css: str) -> dict[str, Colours]:
    """The colours among the custom properties of a style sheet."""
    same = {name: Colours(colour, colour) for name, colour in _SINGLE.findall(css)}
    return same | {name: Colours(light, dark) for name, light, dark in _PAIR.findall(css)}


def too_faint(
    tokens: Mapping[str, Colours], pairs: Mapping[str, Iterable[str]], least: float
) -> list[str]:
    """In words, each foreground that has less than `least` on one of its backgrounds."""
    return [
        f"{theme}: {front} on {back} is {ratio:.2f}, at least {least}"
        for front, backs in pairs.items()
        for back in backs
        for theme, one, other in zip(Colours._fields, tokens[front], tokens[back], strict=True)
        if (ratio := contrast(one, other)) < least
    ]


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
