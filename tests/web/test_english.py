"""The English interface says nothing in Russian but what people typed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import belongings
from tests.e2e.belongings import Belongings
from tests.e2e.foreign_ids import everything
from tests.e2e.strangers import theirs
from tests.support import bank_file
from tests.web.page_routes import page_routes
from tests.web.pages_client import FRAGMENT, PagesClient
from tests.web.screens import ROLES
from tests.web.texts import texts_of

__all__ = ["theirs"]

FURNISHED = [Path(str(module.__file__)).read_text() for module in (belongings, bank_file)]
"""What the office was furnished with, also where no list of the API shows it."""
_WORD = re.compile("[а-яё]+", re.IGNORECASE)


@pytest.mark.timeout(300)
async def test_the_english_pages_are_english(pages: PagesClient, theirs: Belongings) -> None:
    typed = _words([*_strings(await everything(theirs.office)), *theirs.secrets, *FURNISHED])
    # What stands for a person's picture.
    typed |= {word[0] for word in typed}
    russian: set[str] = set()
    for route in page_routes("GET"):
        for role in ROLES:
            for headers in ({}, FRAGMENT):
                answer = await pages.ask(
                    "GET",
                    route.path(theirs.id),
                    theirs.office.people[role],
                    headers={**headers, "Accept-Language": "en"},
                )
                for text in texts_of(answer.text):
                    if _words([text]) - typed:
                        russian.add(f"{route}: {text}")
    assert not russian, "\n".join(sorted(russian))


def test_texts_are_what_is_seen_and_what_is_spoken() -> None:
    html = """<html lang="en"><button lang="ru" title="Язык">Русский</button>
        <input placeholder="Поиск"><p>Взять <b>всё</b><script>"Код"</script>"""
    assert list(texts_of(html)) == ["Поиск", "Взять", "всё"]


def _words(texts: list[str]) -> set[str]:
    return {word.lower() for text in texts for word in _WORD.findall(text)}


def _strings(value: Any) -> Iterator[str]:
    """Every text in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from _strings(member)
