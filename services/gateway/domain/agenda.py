"""What a person has before them: the steps they promised and the invoices they wait for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

AgendaKind = Literal["next_step", "invoice"]
WORKED = frozenset({"in_work", "won"})
"""Statuses of activities whose responsible has something to do."""


class Place(NamedTuple):
    """Whose an entry is, and what it is of: at most one entry each."""

    employee_id: UUID
    kind: AgendaKind
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """Something due at a moment, or on a day of the company's."""

    place: Place
    activity_id: UUID
    room_id: UUID
    company_id: UUID
    at: datetime | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it is kept, by the version of the activity that it was last written for."""

    entry: Entry
    version: int
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class Workload:
    """What an activity means to its responsible, at one of its versions."""

    activity_id: UUID
    version: int
    room_id: UUID
    company_id: UUID
    status: str
    responsible_id: UUID | None
    next_step_due_at: datetime | None
    due_invoices: Mapping[UUID, date]


def entries_of(work: Workload) -> list[Entry]:
    """What the responsible of an activity has before them because of it."""
    if work.responsible_id is None or work.status not in WORKED:
        return []
    entries = []
    if work.next_step_due_at is not None:
        place = Place(work.responsible_id, "next_step", work.activity_id)
        entries.append(_entry(work, place, at=work.next_step_due_at))
    for invoice_id, due_on in work.due_invoices.items():
        entries.append(_entry(work, Place(work.responsible_id, "invoice", invoice_id), on=due_on))
    return entries


def _entry(
    work: Workload, place: Place, at: datetime | None = None, on: date | None = None
) -> Entry:
    return Entry(place, work.activity_id, work.room_id, work.company_id, at, on)


class Changes(NamedTuple):
    """Entries to be written anew, and places whose entry is cancelled."""

    written: list[Entry]
    cancelled: list[Place]


def changes(work: Workload, stored: Iterable[Stored]) -> Changes:
    """How the entries of an activity change by one of its versions; not at all by one that a later
    version has overtaken.
    """
    by_place = {kept.entry.place: kept for kept in stored}
    if any(kept.version > work.version for kept in by_place.values()):
        return Changes([], [])
    entries = entries_of(work)
    written = [entry for entry in entries if not _is_kept(entry, by_place.get(entry.place))]
    places = {entry.place for entry in entries}
    cancelled = [
        place for place, kept in by_place.items() if place not in places and not kept.is_cancelled
    ]
    return Changes(written, cancelled)


def _is_kept(entry: Entry, kept: Stored | None) -> bool:
    return kept is not None and not kept.is_cancelled and kept.entry == entry
