"""Calls as any other telephony reports them: parameters of a query, a form or JSON."""

from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.calls import Call, merged
from services.activities.telephony.bodies import flat_fields, form_fields
from services.activities.telephony.generic import read_parameters
from shared.errors import Invalid
from tests.unit.activities.builders import NOW
from tests.unit.activities.test_telephony_mango import json_values

ZONE = "Europe/Moscow"
NAMES = [
    "call_id",
    "from",
    "to",
    "state",
    "direction",
    "extension",
    "duration",
    "started_at",
    "recording_url",
    "ended_at",
]


def call_of(*reports: dict[str, Any]) -> Call:
    read = (read_parameters({"call_id": "1"} | each, ZONE, NOW).call for each in reports)
    return reduce(merged, read, Call())


def test_asterisk_tells_a_call_in_one_request() -> None:
    query = (
        "uniqueid=1795000000.42&from=89161234567&to=74951234567&dialstatus=ANSWER"
        "&extension=101&duration=35"
    )
    report = read_parameters(form_fields(query), ZONE, NOW)
    assert report.call_id == "1795000000.42"
    call = report.call
    assert call.sides is not None
    assert call.sides[1:] == ("incoming", "+79161234567", "+74951234567")
    assert (call.result, call.talk_seconds) == ("answered", 35)
    assert call.employee is not None
    assert call.employee.extension == "101"


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ("answered", "answered"),
        ("ANSWER", "answered"),
        ("missed", "missed"),
        ("NOANSWER", "missed"),
        ("NO ANSWER", "missed"),
        ("BUSY", "missed"),
        ("CANCEL", "missed"),
        ("CHANUNAVAIL", "missed"),
        ("ended", "missed"),
        ("ringing", None),
        ("connected", None),
    ],
)
def test_states_are_understood(state: str, result: str | None) -> None:
    assert call_of({"from": "79161234567", "state": state}).result == result


def test_a_call_that_was_connected_is_answered_when_it_ends() -> None:
    caller = {"from": "79161234567"}
    call = call_of(
        caller | {"state": "ended", "ended_at": "2026-11-23T09:01:00Z"},
        caller | {"state": "connected", "ext": "101", "answered_at": "2026-11-23T09:00:30Z"},
    )
    assert (call.result, call.talk_seconds) == ("answered", 30)
    assert call.employee is not None
    assert call_of(caller | {"state": "connected"}).answered_at == NOW


@pytest.mark.parametrize(("seconds", "result"), [("35", "answered"), ("0", "missed")])
def test_an_end_with_seconds_says_whether_they_talked(seconds: str, result: str) -> None:
    call = call_of({"from": "79161234567", "state": "hangup", "billsec": seconds})
    assert call.result == result


@pytest.mark.parametrize(
    ("numbers", "direction"),
    [
        ({"from": "79161234567", "to": "74951234567"}, "incoming"),
        ({"from": "101", "to": "79161234567"}, "outgoing"),
        ({"from": "101", "to": "102"}, "internal"),
        ({"from": "79161234567", "direction": "internal"}, "internal"),
        ({"from": "74951234567", "to": "79161234567", "direction": "out"}, "outgoing"),
        ({"client_number": "79161234567", "direction": "исходящий"}, "outgoing"),
        ({"client_number": "102", "direction": "in"}, "internal"),
        ({"from": "anonymous", "to": "74951234567"}, "incoming"),
    ],
)
def test_the_direction_is_said_or_told_by_the_numbers(
    numbers: dict[str, str], direction: str
) -> None:
    call = call_of(numbers | {"state": "missed"})
    assert call.sides is not None
    assert call.sides.direction == direction
    if call.sides.client:
        assert call.sides.client == "+79161234567"


def test_our_number_and_the_clients_may_have_names_of_their_own() -> None:
    call = call_of(
        {
            "client_number": "79161234567",
            "our_number": "84951234567",
            "from": "10",
            "direction": "outgoing",
            "state": "answered",
        }
    )
    assert call.sides is not None
    assert call.sides[1:] == ("outgoing", "+79161234567", "+74951234567")
    assert call.employee is not None
    assert call.employee.extension == "10"


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("35", 35),
        (35, 35),
        (35.0, 35),
        ("00:35", 35),
        ("01:00:00", 3600),
        ("-1", None),
        ("", None),
        ("1:2:3:4", None),
        ("x:1", None),
        ("90000", None),
        ("99:99:99", None),
        ("nan", None),
        ("inf", None),
        ("24:00:00", 86400),
    ],
)
def test_seconds_are_read_however_they_are_written(written: Any, seconds: int | None) -> None:
    call = call_of({"from": "79161234567", "state": "answered", "duration": written})
    assert call.talk_seconds == seconds


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-23T12:00:00+03:00",
        "2026-11-23T12:00:00 03:00",
        "2026-11-23 12:00:00",
        "2026-11-23T09:00:00Z",
        "1795424400",
        1795424400,
        "1795424400000",
        "1795424400.25",
    ],
)
def test_moments_are_read_however_they_are_written(written: Any) -> None:
    call = call_of({"from": "79161234567", "state": "ringing", "started_at": written})
    assert call.started_at is not None
    assert call.started_at.replace(microsecond=0) == datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "soon", "1999-01-01", "2100-01-01T00:00:00Z", "0", True])
def test_what_is_no_moment_is_left_out(written: Any) -> None:
    call = call_of({"from": "79161234567", "state": "ringing", "started_at": written})
    assert call.started_at is None


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://pbx.example.com/rec/1.mp3?token=a", True),
        ("https://pbx.example.com:443/1.mp3", True),
        ("http://pbx.example.com/1.mp3", False),
        ("javascript:alert(1)", False),
        ("https://user:secret@pbx.example.com/1.mp3", False),
        ("https://user@pbx.example.com/1.mp3", False),
        ("https://pbx.example.com:8443/1.mp3", False),
        ("https://pbx.example.com:x/1.mp3", False),
        ("https://localhost/1.mp3", False),
        ("https://10.0.0.1/1.mp3", False),
        ("https://[::1]/1.mp3", False),
        ("https:///1.mp3", False),
        ("https://pbx.example.com/a b", False),
        ("https://pbx.example.com\\@evil.example/", False),
        ("https://пример.рф/1.mp3", False),
        ("https://pbx.example.com/" + "a" * 2000, False),
    ],
)
def test_a_link_to_a_recording_is_kept_if_it_is_sane(link: str, kept: bool) -> None:
    call = call_of({"from": "79161234567", "state": "answered", "recording_url": link})
    assert call.recordings == ((link,) if kept else ())


def test_a_recording_or_a_length_may_come_without_a_state() -> None:
    link = "https://pbx.example.com/1.mp3"
    call = call_of({"from": "79161234567", "state": "answered"}, {"recording": link, "duration": 9})
    assert (call.recordings, call.talk_seconds) == ((link,), 9)


@pytest.mark.parametrize(
    ("parameters", "field", "rule"),
    [
        ({"state": "missed"}, "call_id", "missing"),
        ({"call_id": " ", "state": "missed"}, "call_id", "missing"),
        ({"call_id": "1" * 201, "state": "missed"}, "call_id", "too_long"),
        ({"call_id": "1"}, "state", "missing"),
        ({"call_id": "1", "state": "sleeping"}, "state", "one_of"),
        ({"call_id": "1", "state": "missed", "direction": "up"}, "direction", "one_of"),
    ],
)
def test_a_report_that_nobody_understands_is_refused_by_field(
    parameters: dict[str, str], field: str, rule: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read_parameters(parameters, ZONE, NOW)
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == (field, rule)


@given(st.binary(), st.sampled_from(["", "application/json", "text/plain"]))
def test_any_body_is_read_or_refused(body: bytes, content_type: str) -> None:
    try:
        read_parameters(flat_fields(body, content_type), ZONE, NOW)
    except Invalid:
        pass


@given(st.dictionaries(st.sampled_from(NAMES), json_values))
def test_any_parameters_are_read_or_refused(parameters: Any) -> None:
    try:
        read_parameters(parameters, ZONE, NOW)
    except Invalid:
        pass
