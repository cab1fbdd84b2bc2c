"""Refusals of the API as pages show them."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.web.problems import problem_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_a_wait_says_until_when() -> None:
    body = {"code": "too_soon", "title": "Рано", "detail": "…", "retry_after_seconds": 42}
    problem = problem_of(UpstreamResponse(429, [], orjson.dumps(body)), NOW)
    assert (problem.until, problem.seconds) == (NOW + timedelta(seconds=42), 42)
    assert problem.tone == "warn"


@pytest.mark.parametrize(
    ("detail", "parts"),
    [
        ("Рано; повторите через 42 с.", ("Рано; повторите через ", "42 с", ".")),
        ("Too soon; try again in 42 s.", ("Too soon; try again in ", "42 s", ".")),
        ("Рано, 142 с.", ("Рано, 142 с. ", "42", "")),
    ],
)
def test_the_seconds_of_a_wait_stand_once(detail: str, parts: tuple[str, str, str]) -> None:
    body = {"code": "too_soon", "title": "Рано", "detail": detail, "retry_after_seconds": 42}
    problem = problem_of(UpstreamResponse(429, [], orjson.dumps(body)), NOW)
    assert problem.counted == parts


def test_a_field_has_the_first_of_its_messages() -> None:
    errors = [
        {"field": "amount", "rule": "money", "message": "Не сумма"},
        {"field": "amount", "rule": "max", "message": "Много"},
        {"field": "due_on", "rule": "day", "message": "Не день"},
    ]
    body = {"code": "invalid", "title": "Ошибка", "detail": "…", "errors": errors}
    problem = problem_of(UpstreamResponse(422, [], orjson.dumps(body)))
    assert problem.fields == {"amount": "Не сумма", "due_on": "Не день"}
    assert problem.until is None and problem.seconds is None and problem.tone == ""


def test_an_answer_that_is_no_problem_document_is_an_inner_failure() -> None:
    for body in (b"<html>", b"[]", b""):
        problem = problem_of(UpstreamResponse(502, [], body))
        assert (problem.status, problem.code) == (502, "internal")
