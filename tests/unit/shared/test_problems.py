"""Problems: refusals and broken rules in the caller's language, in words of ours."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.clock import Day, Moment, TimeZone
from shared.contacts import Inn, Kpp, Phone
from shared.context import language
from shared.errors import Forbidden, Invalid, NotFound, Refusal, Unavailable, Wait
from shared.money import PositiveMoney
from shared.text import Email, Line
from shared.web import problems


@pytest.fixture(params=["en", "ru"])
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each language in turn."""
    token = language.set(request.param)
    yield request.param
    language.reset(token)


class NotFree(Refusal):
    code = "not_free"


@pytest.mark.parametrize(
    ("refusal", "english", "russian"),
    [
        (NotFree(activity_status="won"), "The activity is won.", "Активность успешно обработана."),
        (NotFound("room"), "No such room.", "Не найдено: комната."),
        (
            Forbidden("role", roles=("head", "admin")),
            "This needs one of the roles: head, admin.",
            "Для этого нужна одна из ролей: руководитель, администратор.",
        ),
        (
            Wait("", 7),
            "Too many requests; try again in 7 s.",
            "Слишком много запросов; повторите через 7 с.",
        ),
        (Unavailable("database"), "The database does not answer.", "База данных не отвечает."),
        (Forbidden("of a reason without text"), "You may not do this.", None),
        (
            Invalid("limit", "range", min=1, max=200),
            "limit: From 1 to 200",
            "limit: От 1 до 200",
        ),
    ],
)
def test_a_refusal_is_worded_in_the_language_of_the_request(
    refusal: Refusal, english: str, russian: str | None, spoken: str
) -> None:
    body = json.loads(problems.render(refusal))
    assert body["code"] == refusal.code
    if spoken == "en" or russian:
        assert body["detail"] == (english if spoken == "en" else russian)
    assert problems.respond(refusal).headers["content-language"] == spoken


def test_parameters_are_members_of_the_problem() -> None:
    body = json.loads(problems.render(Wait("", 7)))
    assert body["retry_after_seconds"] == 7
    body = json.loads(problems.render(NotFree(activity_status="lost")))
    assert body["activity_status"] == "lost"
    assert {"type", "title", "status", "code", "detail"} <= body.keys()


def test_a_parameter_that_is_missing_does_not_fail_the_response() -> None:
    assert json.loads(problems.render(NotFree()))["detail"] == "The activity is {activity_status}."


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    weight: Annotated[Decimal, Field(gt=0, le=1, decimal_places=2)] = Decimal(1)


class Sent(BaseModel):
    """A field of each kind that requests have."""

    model_config = ConfigDict(extra="forbid")

    name: Line = "x"
    email: Email = "a@b.c"
    inn: Inn | None = None
    kpp: Kpp | None = None
    phone: Phone | None = None
    kind: Literal["call", "letter"] = "call"
    day: Day | None = None
    at: Moment | None = None
    zone: TimeZone = "UTC"
    amount: PositiveMoney | None = None
    number: Annotated[int, Field(ge=0, strict=True)] = 0
    flag: bool = False
    parts: Annotated[list[Part], Field(max_length=2)] = []


@pytest.mark.parametrize(
    ("sent", "field", "rule", "message"),
    [
        ({"name": ""}, "name", "empty", "Must not be empty"),
        ({"name": "x" * 201}, "name", "too_long", "At most 200 characters"),
        ({"name": "a\x00"}, "name", "storable", "Text without control characters"),
        ({"name": 7}, "name", "text", "Text"),
        ({"name": None}, "name", "text", "Text"),
        ({"email": "a"}, "email", "email", "An e-mail address such as anna@example.com"),
        (
            {"inn": "1"},
            "inn",
            "inn",
            "An INN of 10 or 12 digits with valid check digits, of a region that exists",
        ),
        ({"kpp": "1"}, "kpp", "kpp", "A KPP of 9 characters, such as 770101001"),
        ({"phone": "x"}, "phone", "phone", "A phone number such as +7 495 123-45-67"),
        ({"kind": "x"}, "kind", "one_of", "One of: call, letter"),
        ({"day": "x"}, "day", "date", "A date such as 2026-11-30"),
        ({"day": "1999-01-01"}, "day", "years", "Between the years 2000 and 2100"),
        (
            {"at": "2026-11-30T10:00:00"},
            "at",
            "moment",
            "A moment with a time zone, such as 2026-11-30T10:00:00Z",
        ),
        (
            {"zone": "Mars"},
            "zone",
            "time_zone",
            "A time zone of GET /time-zones, such as Europe/Moscow",
        ),
        (
            {"amount": {"amount": 1.5, "currency": "RUB"}},
            "amount.amount",
            "money",
            'An amount as a string, such as "1500.00"',
        ),
        (
            {"amount": {"amount": "0.00", "currency": "RUB"}},
            "amount.amount",
            "more_than",
            "More than 0",
        ),
        (
            {"amount": {"amount": "1.00", "currency": "rub"}},
            "amount.currency",
            "currency",
            "A currency code of three letters, such as RUB",
        ),
        ({"amount": {"amount": "1.00"}}, "amount.currency", "missing", "Required"),
        ({"number": -1}, "number", "at_least", "At least 0"),
        ({"number": "1"}, "number", "whole_number", "A whole number"),
        ({"flag": "perhaps"}, "flag", "boolean", "true or false"),
        ({"parts": 1}, "parts", "list", "A list"),
        ({"parts": [{}, {}, {}]}, "parts", "too_many", "At most 2 items"),
        ({"parts": [{"weight": "2"}]}, "parts.0.weight", "at_most", "At most 1"),
        (
            {"parts": [{"weight": "0.123"}]},
            "parts.0.weight",
            "decimal_places",
            "At most 2 decimal places",
        ),
        ({"parts": [{"path": 1}]}, "parts.0.path", "unknown_field", "Unknown field"),
        ({"parts": [7]}, "parts.0", "object", "An object"),
    ],
)
def test_malformed_input_names_the_field_and_the_rule_in_words(
    sent: dict[str, Any], field: str, rule: str, message: str
) -> None:
    error = refused(sent)
    assert (error["field"], error["rule"], error["message"]) == (field, rule, message)


def refused(sent: dict[str, Any]) -> dict[str, Any]:
    """The one error of the problem that `sent` meets."""
    with pytest.raises(ValidationError) as refusal:
        Sent.model_validate(sent)
    located = [{**error, "loc": ("body", *error["loc"])} for error in refusal.value.errors()]
    response = problems.malformed(RequestValidationError(located))
    assert response.status_code == 422
    (error,) = json.loads(bytes(response.body))["errors"]
    return dict(error)


def test_limits_are_members_of_an_error() -> None:
    assert refused({"name": "x" * 201})["max"] == 200
    assert refused({"kind": "x"})["allowed"] == ["call", "letter"]


def test_the_value_that_was_sent_is_not_in_the_response() -> None:
    with pytest.raises(ValidationError) as refusal:
        Sent.model_validate({"inn": "secret-secret", "secret": "secret"})
    body = bytes(problems.malformed(RequestValidationError(refusal.value.errors())).body)
    assert b"secret-secret" not in body


def test_json_that_does_not_parse_is_a_fault_of_the_body() -> None:
    error = {"type": "json_invalid", "loc": ("body", 12), "msg": "x", "ctx": {"error": "Expecting"}}
    (broken,) = json.loads(bytes(problems.malformed(RequestValidationError([error])).body))[
        "errors"
    ]
    assert broken == {"field": "body", "rule": "json", "message": "Not valid JSON"}


def test_moments_and_money_are_readable_in_texts(spoken: str) -> None:
    class Late(Refusal):
        code = "refund_exceeds_paid"

    detail = json.loads(problems.render(Late(left={"amount": "300.00", "currency": "RUB"})))
    assert "300.00 RUB" in detail["detail"]
    at = datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert json.loads(problems.render(Late(left="", at=at)))["at"] == "2026-11-30T10:00:00Z"
