"""Mango Office's events, as its documentation has them."""

from functools import reduce
from hashlib import sha256
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.calls import Call, merged
from services.activities.telephony.mango import is_signed, read_event, read_form
from services.activities.telephony.report import Report
from shared.errors import Invalid
from tests.unit.activities.builders import NOW

KEY, SALT = "demo-key", "demo-salt"
CLIENT, LINE, ANNA = "79161234567", "74951234567", "101"
STARTED = 1_795_000_000
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NAMES = [
    "entry_id",
    "call_id",
    "seq",
    "call_state",
    "location",
    "from",
    "to",
    "extension",
    "number",
    "line_number",
    "timestamp",
    "entry_result",
    "call_direction",
    "talk_time",
    "create_time",
    "end_time",
    "recording_id",
    "completion_code",
]


def leg(state: str, seq: int, at: int, /, **about: Any) -> dict[str, Any]:
    event = {
        "entry_id": "entry-1",
        "call_id": "leg-2",
        "timestamp": STARTED + at,
        "seq": seq,
        "call_state": state,
        "location": "abonent",
        "from": {"number": CLIENT},
        "to": {"extension": ANNA, "number": "sip:anna@pbx.example", "line_number": LINE},
    }
    return event | about


def menu(state: str, seq: int, at: int) -> dict[str, Any]:
    to = {"number": LINE, "line_number": LINE}
    return leg(state, seq, at, call_id="leg-1", location="ivr", to=to)


def summary(**about: Any) -> dict[str, Any]:
    event = {
        "entry_id": "entry-1",
        "call_direction": 1,
        "from": {"number": CLIENT},
        "to": {"extension": ANNA, "number": "sip:anna@pbx.example"},
        "line_number": LINE,
        "create_time": STARTED,
        "forward_time": STARTED + 5,
        "talk_time": STARTED + 10,
        "end_time": STARTED + 45,
        "entry_result": 1,
        "disconnect_reason": 1100,
    }
    return event | about


def read(event: Any) -> Report | None:
    return read_event(orjson.dumps(event).decode(), NOW)


def call_of(*events: Any) -> Call:
    reports = [report.call for report in map(read, events) if report]
    return reduce(merged, reports, Call())


TALK = [
    menu("Appeared", 1, 0),
    menu("Connected", 2, 1),
    leg("Appeared", 1, 5),
    menu("Disconnected", 3, 10),
    leg("Connected", 2, 10),
    leg("Disconnected", 3, 45),
]


def test_a_talk_is_told_by_its_legs_in_any_order() -> None:
    call = call_of(*TALK)
    assert (call.result, call.talk_seconds) == ("answered", 35)
    assert call.sides is not None
    assert call.sides[1:] == ("incoming", "+79161234567", "+74951234567")
    assert call.employee is not None
    assert call.employee.extension == ANNA
    assert all(call_of(*order) == call for order in permutations(TALK))


def test_the_summary_agrees_with_the_legs() -> None:
    call = call_of(*TALK, summary())
    assert (call.result, call.talk_seconds) == ("answered", 35)
    assert call.employee is not None
    assert call.employee.extension == ANNA


def test_listening_to_the_menu_is_no_answer() -> None:
    events = [menu("Appeared", 1, 0), menu("Connected", 2, 1), menu("Disconnected", 3, 9)]
    assert call_of(*events).result == "missed"
    assert call_of(*events[:2]).result is None


def test_a_call_that_nobody_took_is_missed_when_every_leg_is_over() -> None:
    rung = [
        leg("Appeared", 1, 5),
        leg("Appeared", 1, 5, call_id="leg-3"),
        leg("Disconnected", 2, 9),
    ]
    assert call_of(*rung).result is None
    assert call_of(*rung, leg("Disconnected", 2, 9, call_id="leg-3")).result == "missed"
    missed = summary(entry_result=0, talk_time=0)
    assert call_of(*rung, missed).result == "missed"
    assert call_of(missed).employee is None


def test_a_transfer_to_a_colleague_leaves_the_client_and_who_answered() -> None:
    inner = {"extension": ANNA, "number": "sip:anna@pbx.example", "taken_from_call_id": "leg-2"}
    to = {"extension": "102", "number": "sip:boris@pbx.example"}
    consult = {"from": inner, "to": to}
    events = [
        *TALK[:-1],
        leg("Appeared", 1, 20, call_id="leg-4", **consult),
        leg("Connected", 2, 22, call_id="leg-4", **consult),
        leg("Disconnected", 3, 30, call_id="leg-4", **consult),
    ]
    call = call_of(*events)
    assert call.result is None
    assert call.sides is not None
    assert (call.sides.direction, call.sides.client) == ("incoming", "+79161234567")
    assert call.employee is not None
    assert call.employee.extension == ANNA


def test_an_outgoing_call_is_the_callers() -> None:
    sides = {"from": {"extension": ANNA, "number": LINE}, "to": {"number": CLIENT}}
    call = call_of(
        *(
            leg(state, n, n * 9, **sides)
            for n, state in enumerate(("Appeared", "Connected", "Disconnected"))
        )
    )
    assert call.sides is not None
    assert call.sides[1:] == ("outgoing", "+79161234567", "+74951234567")
    assert (call.result, call.talk_seconds) == ("answered", 9)
    assert call.employee is not None
    assert call.employee.extension == ANNA
    ended = call_of(summary(call_direction=2, **sides))
    assert ended.sides is not None
    assert ended.sides[1:] == ("outgoing", "+79161234567", "+74951234567")


@pytest.mark.parametrize(
    "event",
    [
        leg("Disconnected", 1, 0, **{"from": {"extension": ANNA}, "to": {"extension": "102"}}),
        leg("Disconnected", 1, 0, **{"from": {"extension": ANNA}, "to": {"number": "102"}}),
        leg("Disconnected", 1, 0, **{"from": {"number": "102"}}),
        summary(call_direction=0),
    ],
)
def test_a_call_among_colleagues_is_internal(event: dict[str, Any]) -> None:
    call = call_of(event)
    assert call.sides is not None
    assert call.sides.direction == "internal"


def test_a_hidden_number_is_no_client() -> None:
    call = call_of(leg("Disconnected", 1, 0, **{"from": {"number": "anonymous"}}))
    assert call.sides is not None
    assert (call.sides.direction, call.sides.client) == ("incoming", "")


def test_a_completed_recording_is_a_link_to_the_cabinet() -> None:
    about = {"entry_id": "entry-1", "call_id": "leg-2", "recording_id": "MToxMDA=", "seq": 1}
    call = call_of(about | {"recording_state": "Completed", "completion_code": 1000})
    assert call.recordings == (
        "https://app.mango-office.ru/vpbx/queries/recording/issa/MToxMDA%3D/play",
    )
    assert call_of(about | {"recording_state": "Started"}) == Call()
    assert call_of(about | {"recording_state": "Completed", "completion_code": 4002}) == Call()
    assert call_of({"entry_id": "entry-1", "recording_id": "MToxMDA="}).recordings


@pytest.mark.parametrize("event", [{}, {"dtmf": "1", "entry_id": "e"}, {"command_id": "x"}])
def test_what_is_about_no_call_is_left_alone(event: dict[str, Any]) -> None:
    assert read(event) is None


@pytest.mark.parametrize(
    ("event", "field", "rule"),
    [
        ({"call_state": "Appeared"}, "entry_id", "missing"),
        ({"entry_result": 1}, "entry_id", "missing"),
        ({"entry_result": 1, "entry_id": "x" * 201}, "entry_id", "too_long"),
        ([], "json", "object"),
    ],
)
def test_an_event_without_an_id_is_refused(event: Any, field: str, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(event)
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == (field, rule)


def form(**about: str) -> bytes:
    text = orjson.dumps(leg("Appeared", 1, 0)).decode()
    sign = sha256(f"{KEY}{text}{SALT}".encode()).hexdigest()
    return urlencode({"vpbx_api_key": KEY, "sign": sign, "json": text} | about).encode()


def test_a_form_counts_with_the_signature_of_its_account() -> None:
    assert is_signed(read_form(form()), SALT)
    assert is_signed(read_form(form(sign=read_form(form()).sign.upper())), SALT)
    assert not is_signed(read_form(form()), "another")
    assert not is_signed(read_form(form(json="{}")), SALT)
    assert not is_signed(read_form(form(vpbx_api_key="another")), SALT)
    assert not is_signed(read_form(form(sign="подпись")), SALT)


@pytest.mark.parametrize("name", ["vpbx_api_key", "sign", "json"])
def test_a_form_without_one_of_its_fields_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_form(form(**{name: ""}))
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == (name, "missing")


@given(
    st.binary()
    | st.just(form()).flatmap(lambda body: st.integers(0, len(body)).map(lambda cut: body[:cut]))
)
def test_any_bytes_are_a_form_or_refused(body: bytes) -> None:
    try:
        is_signed(read_form(body), SALT)
    except Invalid:
        pass


@given(
    st.dictionaries(
        st.sampled_from(NAMES), json_values | st.dictionaries(st.sampled_from(NAMES), json_values)
    )
)
def test_any_event_is_read_or_refused(event: Any) -> None:
    try:
        read_event(orjson.dumps(event, option=orjson.OPT_NON_STR_KEYS).decode(), NOW)
    except (Invalid, orjson.JSONEncodeError):
        pass
