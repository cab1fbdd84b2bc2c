"""A thing whose versions have a hole is noticed while the topics are read."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.gateway.projections.completeness import Completeness
from shared.events import Envelope, PublishedEvent
from shared.events.directory import CompanyChanged
from shared.events.people import PersonDescribed
from shared.ids import CompanyId, TenantId, new_id

TENANT, SUBJECT = TenantId(new_id()), CompanyId(new_id())


def _company(version: int, subject: UUID = SUBJECT) -> PublishedEvent:
    event = CompanyChanged(
        company_id=CompanyId(subject), name="Лес", time_zone="Europe/Moscow", currency="RUB"
    )
    return PublishedEvent(_envelope(event.type, subject, version), event)


def _envelope(event_type: str, subject: UUID, version: int) -> Envelope:
    return Envelope(new_id(), event_type, TENANT, subject, version, datetime.now(UTC))


@pytest.mark.parametrize(
    ("versions", "incomplete"),
    [([1, 2, 3], 0), ([1, 1, 2, 1, 2, 3], 0), ([2, 3], 1), ([1, 3], 1), ([5], 1)],
)
def test_versions_begin_at_one_and_have_no_holes(versions: Sequence[int], incomplete: int) -> None:
    completeness = Completeness()
    for version in versions:
        completeness.see(_company(version))
    assert completeness.incomplete == incomplete


def test_descriptions_of_people_may_skip_versions() -> None:
    completeness, described = Completeness(), PersonDescribed(kind="client", name="Иванов")
    completeness.see(PublishedEvent(_envelope(described.type, SUBJECT, 7), described))
    assert completeness.incomplete == 0


def test_of_very_many_things_a_sample_is_followed() -> None:
    completeness = Completeness(tracked=1)
    completeness.see(_company(1))
    completeness.see(_company(9, UUID(int=65)))
    completeness.see(_company(9, UUID(int=128)))
    assert completeness.incomplete == 1
