"""Tenants' short names, suggested by what they are called."""

import re

import pytest

from services.gateway.domain.short_names import LONGEST, PATTERN, SHORTEST, suggested, variants


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Холдинг", "kholding"),
        ("ООО «Щит и Меч»", "ooo-shchit-i-mech"),
        ("Объём 24", "obem-24"),
        ("Acme, Inc.", "acme-inc"),
        ("Я", "tenant-ya"),
        ("東京", "tenant"),
        ("abc", "abc"),
        ("ab", "tenant-ab"),
        ("x" * 200, "x" * (LONGEST - 8)),
        ("x" * (LONGEST - 9) + " y", "x" * (LONGEST - 9)),
    ],
)
def test_a_name_gives_a_short_one_in_latin_letters(name: str, short: str) -> None:
    assert suggested(name) == short


@pytest.mark.parametrize("name", ["x" * 200, "ы " * 100, "щ" * 200, "--", "a-" * 100, "İstanbul"])
def test_whatever_the_name_a_suggestion_is_valid(name: str) -> None:
    for short in variants(suggested(name), "a1b2c3d"):
        assert re.fullmatch(PATTERN, short) and SHORTEST <= len(short) <= LONGEST


def test_a_few_numbers_are_tried_before_the_suffix() -> None:
    numbered = [f"acme-{number}" for number in range(2, 10)]
    assert variants("acme", "a1b2c3d") == ["acme", *numbered, "acme-a1b2c3d"]
