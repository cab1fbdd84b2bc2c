"""Every operation of the public API is recorded in the audit, or is named with why it is not."""

import json
from pathlib import Path

import pytest

from services.gateway.accounts.audited import AUDITED, audited_at
from services.gateway.accounts.not_audited import NOT_AUDITED
from services.gateway.accounts.route_table import PREFIX
from services.gateway.web.operations import OPERATIONS as WORDS
from shared.contracts.http_document import METHODS

DOCUMENT = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"
OPERATIONS = {
    f"{method.upper()} /{path.removeprefix(PREFIX)}": operations[method]["operationId"]
    for path, operations in json.loads(DOCUMENT.read_text())["paths"].items()
    for method in METHODS
    if method in operations
}


@pytest.mark.parametrize("route", OPERATIONS)
def test_an_operation_is_audited_or_says_why_not(route: str) -> None:
    """Add it to AUDITED or to NOT_AUDITED in their files of `services/gateway/accounts`."""
    assert (route in AUDITED) != (route in NOT_AUDITED)


def test_the_tables_name_no_operation_that_is_gone() -> None:
    assert AUDITED.keys() | NOT_AUDITED.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("route", AUDITED)
def test_an_entry_has_the_operations_id(route: str) -> None:
    assert AUDITED[route].name == OPERATIONS[route]


@pytest.mark.parametrize("route", OPERATIONS)
def test_a_request_is_found_by_its_route(route: str) -> None:
    method, _, template = route.partition(" ")
    located = audited_at(method, PREFIX + template[1:])
    assert (located[0] if located else None) == AUDITED.get(route)


def test_the_journal_has_words_for_every_operation() -> None:
    """Add it to `services/gateway/web/operations.py` and to the catalogue."""
    assert WORDS.keys() == {audited.name for audited in AUDITED.values()}
    assert len(set(WORDS.values())) == len(WORDS)
