"""Versions that `If-Match` names."""

import pytest

from shared.errors import Invalid
from shared.versions import differing, etag, versions_in


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ('"7"', {7}),
        (' "7" ', {7}),
        ('W/"7"', {7}),
        ('"6", W/"7" ,"8"', {6, 7, 8}),
        ('"0"', {0}),
    ],
)
def test_if_match_names_versions(header: str, versions: set[int]) -> None:
    assert versions_in(header) == frozenset(versions)


def test_a_star_matches_any_version() -> None:
    assert versions_in("*") is None


@pytest.mark.parametrize(
    "header",
    ["", "7", "'7'", '"7', '"abc"', '""', '"-1"', '"7" "8"', '"7",', '*, "7"', f'"{"9" * 19}"'],
)
def test_what_is_no_tag_is_malformed(header: str) -> None:
    with pytest.raises(Invalid) as refused:
        versions_in(header)
    assert refused.value.extra["errors"] == [{"field": "If-Match", "rule": "entity_tag"}]


def test_very_many_tags_are_malformed() -> None:
    with pytest.raises(Invalid):
        versions_in(", ".join(['"7"'] * 500))


def test_a_tag_names_its_version() -> None:
    assert versions_in(etag(7)) == frozenset([7])


def test_what_differs_is_told_as_it_is_now() -> None:
    present = {"name": "Новая", "inn": None, "currency": "RUB"}
    sent = {"name": "Моя", "inn": None, "password": "x"}
    assert differing(present, sent) == {"name": "Новая"}
