"""The language of a request's texts: the best that there is of those that its header names."""

import pytest

from shared.web.language import language_of, negotiated


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("de, ru;q=0.5", "ru"),
        ("en;q=0.3, ru;q=0.4", "ru"),
        ("ru;q=0, en;q=0.1", "en"),
        ("ru;q=0", "en"),
        ("RU-ru", "ru"),
        ("ru, en", "ru"),
        ("en, ru", "en"),
        ("*", "en"),
        ("*;q=0.1, ru;q=0.2", "ru"),
        ("de", "en"),
        ("", "en"),
        ("ru;q=x", "en"),
        ("ru;q=7", "en"),
        ("ru;q=nan", "en"),
        (";;,,=", "en"),
    ],
)
def test_the_preferred_available_language_is_chosen(header: str, language: str) -> None:
    assert negotiated(header) == language


def test_a_request_that_names_none_is_answered_in_english() -> None:
    assert language_of([(b"accept", b"*/*")]) == "en"
    assert language_of([(b"accept-language", b"ru")]) == "ru"
    assert language_of([(b"accept-language", b"\xff\xfe" * 5000)]) == "en"
