"""Every class of PostgreSQL's errors is decided: it passes, or it judges the statement."""

from typing import Any

import asyncpg
import pytest

from shared.db.transient import AWAY, OUTDATED

PASSING = {"08", "28", "3D", "40", "53", "57", "58", "72", "F0"}
LASTING = {
    "03", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22", "23", "24", "25", "26",
    "27", "2B", "2D", "2F", "34", "38", "39", "3B", "3F", "42", "44", "54", "55", "HV", "P0", "XX",
}  # fmt: skip
EXCEPTIONS = {
    "25006": True,
    "25P03": True,
    "25P04": True,
    "26000": True,
    "55006": True,
    "55P03": True,
}
ERRORS: list[Any] = sorted(
    (
        error
        for error in vars(asyncpg.exceptions).values()
        if isinstance(error, type)
        and issubclass(error, asyncpg.PostgresError)
        and getattr(error, "sqlstate", None)
    ),
    key=lambda error: (getattr(error, "sqlstate", ""), error.__name__),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.sqlstate}-{error.__name__}")
def test_each_sqlstate_passes_by_itself_or_does_not(error: Any) -> None:
    state = error.sqlstate
    assert (state[:2] in PASSING) != (state[:2] in LASTING), "a class that nobody decided on"
    expected = EXCEPTIONS.get(state, state[:2] in PASSING)
    assert issubclass(error, AWAY) == expected


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        asyncpg.exceptions.TargetServerAttributeNotMatched,
        ConnectionRefusedError,
        TimeoutError,
    ],
)
def test_a_lost_or_refused_session_passes(error: type[Exception]) -> None:
    assert issubclass(error, AWAY)


@pytest.mark.parametrize(
    "error", [asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError]
)
def test_an_outdated_statement_is_made_anew(error: type[Exception]) -> None:
    assert issubclass(error, OUTDATED)
