"""UIS' notifications, as their templates are composed in the cabinet, and Novofon's groups."""

from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.calls import Call, merged
from services.activities.telephony.uis import read_notification
from shared.errors import Invalid
from tests.unit.activities.builders import NOW
from tests.unit.activities.test_telephony_mango import json_values

ZONE = "Europe/Moscow"
CALL = {
    "call_session_id": 182_736_451,
    "direction": "in",
    "contact_phone_number": "79161234567",
    "virtual_phone_number": "74951234567",
    "start_time": "2026-11-23 12:00:00",
    "notification_time": "2026-11-23 12:00:20",
}
ENDED = {
    "notification_name": "Завершение звонка",
    "talk_time_duration": 35,
    "total_time_duration": 50,
    "extension_phone_number": "101",
}
LOST = {"notification_name": "Потерянный звонок", "is_lost": True}
NAMES = [*CALL, *ENDED, "is_lost", "is_internal", "finish_time", "file_link", "call_info", "event"]


def call_of(*notifications: dict[str, Any]) -> Call:
    reports = (read_notification(each, ZONE, NOW).call for each in notifications)
    return reduce(merged, reports, Call())


def test_times_without_a_zone_are_the_tenants() -> None:
    call = call_of(CALL)
    assert call.started_at == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert call.result is None
    assert call.sides is not None
    assert call.sides[1:] == ("incoming", "+79161234567", "+74951234567")


def test_a_talk_has_its_length_and_the_extension() -> None:
    call = call_of(CALL | ENDED)
    assert (call.result, call.talk_seconds) == ("answered", 35)
    assert call.employee is not None
    assert call.employee.extension == "101"


def test_the_numeric_id_of_a_session_is_text() -> None:
    assert read_notification(CALL, ZONE, NOW).call_id == "182736451"


@pytest.mark.parametrize(
    "about",
    [
        LOST,
        {"is_lost": "true"},
        {"is_lost": "да"},
        ENDED | {"talk_time_duration": 0},
        {"notification_name": "Потерянный звонок"},
        {"notification_mnemonic": "lost_call"},
        {"event": "CALL_END"},
        {"notification_name": "Завершение звонка"},
    ],
)
def test_a_lost_call_is_missed(about: dict[str, Any]) -> None:
    call = call_of(CALL | about)
    assert call.result == "missed"
    assert call.employee is None


def test_a_call_that_was_taken_is_answered_once_it_is_over() -> None:
    taken = CALL | {"notification_name": "Ответ на звонок", "extension_phone_number": "101"}
    call = call_of(taken)
    assert (call.result, call.answered_at) == (None, datetime(2026, 11, 23, 9, 0, 20, tzinfo=UTC))
    over = call_of(taken, CALL | {"notification_name": "Завершение звонка"})
    assert over.result == "answered"
    not_taken = call_of(CALL | {"notification_name": "Неотвеченный звонок"})
    assert not_taken.answered_at is None


def test_fields_in_groups_are_read_as_well() -> None:
    call = call_of(
        {
            "call_session_id": 7,
            "direction": "out",
            "virtual_phone_number": "74951234567",
            "contact_info": {"contact_phone_number": "79161234567"},
            "employee_info": {"extension_phone_number": "102", "employee_id": 5},
            "call_info": {"talk_time_duration": 12, "total_time_duration": 20},
        }
    )
    assert call.sides is not None
    assert call.sides.direction == "outgoing"
    assert (call.result, call.talk_seconds) == ("answered", 12)
    assert call.employee is not None
    assert call.employee.extension == "102"


def test_a_recording_that_comes_later_belongs_to_the_call() -> None:
    link = "https://app.uiscom.ru/system/media/talk/1/abc/"
    recorded = {"call_session_id": 182_736_451, "full_record_file_link": link}
    call = call_of(CALL | ENDED, recorded)
    assert call.recordings == (link,)
    assert call.result == "answered"
    several = {**recorded, "full_record_file_link": "", "record_file_links": [link, 5, None]}
    assert call_of(several).recordings == (link,)


def test_a_direction_that_is_said_counts_before_one_that_is_not() -> None:
    outgoing = CALL | {"direction": "out"}
    unsaid = {name: value for name, value in CALL.items() if name != "direction"}
    call = call_of(unsaid, outgoing)
    assert call.sides is not None
    assert call.sides.direction == "outgoing"


def test_a_call_among_colleagues_is_internal() -> None:
    for about in ({"is_internal": True}, {"contact_phone_number": "102"}):
        call = call_of(CALL | about)
        assert call.sides is not None
        assert call.sides.direction == "internal"


def test_a_notification_without_an_id_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_notification({"direction": "in"}, ZONE, NOW)
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == ("call_session_id", "missing")


@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        json_values | st.dictionaries(st.sampled_from(NAMES), json_values),
    )
)
def test_any_notification_is_read_or_refused(notification: Any) -> None:
    try:
        read_notification(notification, ZONE, NOW)
    except Invalid:
        pass
