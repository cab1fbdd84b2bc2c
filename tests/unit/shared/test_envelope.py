"""What travels on the bus: facts and their envelopes, and every way in which a record can be
broken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.records import Erasure, parse
from shared.events import (
    ACTIVITIES,
    INBOUND_PAYMENTS,
    INBOUND_PAYOUTS,
    PEOPLE,
    REGISTRY,
    TOPICS,
    Envelope,
    PublishedEvent,
    Unreadable,
    headers,
    key,
    read_envelope,
)
from shared.events.directory import CompanyChanged
from shared.ids import CompanyId, TenantId, new_id

TENANT, COMPANY = TenantId(new_id()), CompanyId(new_id())
EVENT = CompanyChanged(company_id=COMPANY, name="Лес", time_zone="Europe/Moscow", currency="RUB")
ENVELOPE = Envelope(
    new_id(),
    "company.changed",
    TENANT,
    COMPANY,
    3,
    datetime(2026, 11, 23, 9, 0, 0, 5, tzinfo=UTC),
    "trace",
    "cause",
)
RAW = dict(headers(ENVELOPE, "company", "activities"))
REQUIRED = [
    "ce_id",
    "ce_type",
    "ce_tenantid",
    "ce_subject",
    "ce_aggregateversion",
    "ce_time",
    "ce_dataschema",
]


@dataclass
class Record:
    """As much of a Kafka record as decides what it is."""

    key: bytes | None = key(TENANT, COMPANY)
    value: bytes | None = EVENT.to_json()
    headers: list[tuple[str, Any]] = field(default_factory=lambda: list(RAW.items()))


def with_header(name: str, value: bytes | None) -> list[tuple[str, Any]]:
    return list({**RAW, name: value}.items())


def without(name: str) -> Mapping[str, bytes]:
    return {header: value for header, value in RAW.items() if header != name}


def always(_: str) -> bool:
    return True


def why(record: Record, topic: str = ACTIVITIES) -> str:
    with pytest.raises(Unreadable) as unreadable:
        parse(record, topic, always)
    return str(unreadable.value)


def test_an_event_is_read_as_it_was_sent() -> None:
    assert parse(Record(), ACTIVITIES, always) == PublishedEvent(ENVELOPE, EVENT)


@pytest.mark.parametrize(
    "name", ["ce_correlationid", "ce_causationid", "ce_source", "ce_specversion", "content-type"]
)
def test_an_event_is_read_without_optional_headers(name: str) -> None:
    assert read_envelope(without(name)).id == ENVELOPE.id


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_header_is_named(name: str) -> None:
    assert name in why(Record(headers=list(without(name).items())))


BROKEN = [
    (name, value)
    for name in REQUIRED
    if name != "ce_type"
    for value in (b"", b"\xff\xfe", None, b"x")
]
BROKEN += [
    ("ce_aggregateversion", value)
    for value in (b"0", b"-1", b"1.5", b"9" * 30, b"9" * 5000, str(2**63).encode())
]
BROKEN += [
    ("ce_time", b"2026-11-23T09:00:00"),
    ("ce_time", b"23.11.2026"),
    ("ce_dataschema", b"/schemas/company.changed"),
]
BROKEN += [("ce_subject", b"company/"), ("ce_correlationid", b"\xff"), ("ce_causationid", b"\xff")]
BROKEN += [("ce_correlationid", None), ("ce_causationid", None)]


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_a_broken_header_is_named_and_never_an_error_of_ours(
    name: str, value: bytes | None
) -> None:
    assert name in why(Record(headers=with_header(name, value)))


@pytest.mark.parametrize("value", [None, b"", b"\xff", b"company.changed "])
def test_a_broken_type_is_refused_where_it_is_handled(value: bytes | None) -> None:
    assert "type" in why(Record(headers=with_header("ce_type", value)))


@pytest.mark.parametrize("value", [b"company.painted", b"\xff\xfe", b""])
def test_a_type_that_nobody_hears_is_passed_over(value: bytes) -> None:
    assert (
        parse(
            Record(headers=with_header("ce_type", value), value=b"\xff"),
            ACTIVITIES,
            REGISTRY.__contains__,
        )
        is None
    )


@pytest.mark.parametrize("version", [b"2", b"0", b"-1", b"99"])
def test_data_of_another_version_is_not_guessed_at(version: bytes) -> None:
    assert "version" in why(
        Record(headers=with_header("ce_dataschema", b"/schemas/company.changed/v" + version))
    )


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"\x00",
        b'{"company_id": 5}',
        b'{"name": "' + b"x" * 900_000 + b'"}',
        b"[" * 100_000,
    ],
)
def test_data_that_breaks_the_schema_is_refused_without_repeating_it(value: bytes | None) -> None:
    reason = why(Record(value=value))
    assert "xxx" not in reason
    assert len(reason) < 500


def test_fields_that_we_do_not_know_are_no_obstacle() -> None:
    fact = parse(
        Record(value=EVENT.to_json()[:-1] + b',"added_later":{"a":[1]}}'), ACTIVITIES, always
    )
    assert isinstance(fact, PublishedEvent) and fact.event == EVENT


@pytest.mark.parametrize(
    "other",
    [
        None,
        b"",
        key(TenantId(new_id()), COMPANY),
        key(TENANT, new_id()),
        key(TENANT, COMPANY).upper() + b" ",
        b"\xff",
    ],
)
def test_a_key_of_another_tenant_or_aggregate_is_refused(other: bytes | None) -> None:
    assert "key" in why(Record(key=other))


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic != ACTIVITIES])
def test_an_event_on_a_foreign_topic_is_refused(topic: str) -> None:
    assert "belong" in why(Record(), topic)


def test_a_tombstone_erases_on_the_topic_of_people_and_nowhere_else() -> None:
    tombstone = Record(value=None, headers=[])
    assert parse(tombstone, PEOPLE, always) == Erasure(TENANT, COMPANY)
    assert "missing" in why(tombstone)
    assert "no data" in why(Record(value=None))


@pytest.mark.parametrize(
    "bad", [None, b"", b":", b"\xff", str(TENANT).encode(), key(TENANT, COMPANY) + b":x"]
)
def test_a_tombstone_without_a_subject_is_refused(bad: bytes | None) -> None:
    assert "tombstone" in why(Record(key=bad, value=None), PEOPLE)


@given(
    st.dictionaries(st.sampled_from([*RAW, "other"]), st.none() | st.binary(max_size=40)),
    st.none() | st.binary(max_size=60),
)
def test_no_record_is_an_error_of_ours(
    differently: dict[str, bytes | None], value: bytes | None
) -> None:
    for topic in TOPICS:
        for record in (
            Record(headers=list({**RAW, **differently}.items()), value=value),
            Record(headers=list(differently.items())),
        ):
            try:
                parse(record, topic, always)
            except Unreadable:
                pass


def test_every_type_is_published_once_with_topic_and_noun() -> None:
    for name, kind in REGISTRY.items():
        noun, _, past = name.partition(".")
        assert noun and past and kind.noun, name
        assert kind.topic in (*TOPICS, INBOUND_PAYMENTS, INBOUND_PAYOUTS), name
        assert kind.__doc__ and kind.__doc__.strip(), f"{name} does not say when it is sent"
