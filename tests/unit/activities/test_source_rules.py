"""UTM marks choose the source by the first rule that fits."""

import pytest

from services.activities.domain.source_rules import SourceRule, choose_source, matches
from shared.ids import SourceId, new_id

ONE, TWO, DEFAULT = SourceId(new_id()), SourceId(new_id()), SourceId(new_id())


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("yandex", "yandex", True),
        ("yandex", " YANDEX ", True),
        (" Yandex ", "yandex", True),
        ("yandex", "yandex.ru", False),
        ("yandex", "", False),
        ("", "", True),
        ("", "x", False),
        ("*", "", True),
        ("*", "anything", True),
        ("yandex*", "yandex", True),
        ("yandex*", "yandex-direct", True),
        ("yandex*", "my-yandex", False),
        ("*direct", "yandex-direct", True),
        ("*direct", "direct-2", False),
        ("*an*", "yandex", True),
        ("*an*", "google", False),
        ("a*b*c", "abc", True),
        ("a*b*c", "a1b2c", True),
        ("a*b*c", "acb", False),
        ("a*b*b", "ab", False),
        ("ab*ba", "aba", False),
        ("ab*ba", "abba", True),
        ("a*b*bc", "abc", False),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_fits_the_whole_mark(pattern: str, value: str, fits: bool) -> None:
    assert matches(pattern, value) is fits


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    assert not matches("a*" * 100 + "b", "a" * 100_000)


def test_the_first_rule_that_fits_gives_the_source() -> None:
    rules = [SourceRule(ONE, utm_source="yandex"), SourceRule(TWO, utm_source="ya*")]
    assert choose_source(rules, DEFAULT, {"utm_source": "yandex"}) == ONE
    assert choose_source(rules, DEFAULT, {"utm_source": "yahoo"}) == TWO
    assert choose_source(rules, DEFAULT, {"utm_source": "google"}) == DEFAULT
    assert choose_source(rules, DEFAULT, {}) == DEFAULT
    assert choose_source([], None, {"utm_source": "yandex"}) is None


@pytest.mark.parametrize("mark", ["utm_source", "utm_medium", "utm_campaign"])
def test_every_pattern_of_a_rule_must_fit(mark: str) -> None:
    patterns = {"utm_source": "s", "utm_medium": "m", "utm_campaign": "c"}
    rule = SourceRule(ONE, **patterns)
    assert rule.fits(patterns)
    assert not rule.fits({**patterns, mark: "other"})
    assert not rule.fits({name: value for name, value in patterns.items() if name != mark})


def test_a_rule_without_patterns_fits_everything() -> None:
    assert SourceRule(ONE).fits({"utm_source": "any"})
    assert SourceRule(ONE).fits({})
