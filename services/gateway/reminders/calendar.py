"""A person's calendar as iCalendar (RFC 5545): steps, due invoices, renewals; no names, no money.

`SEQUENCE` is the version of what an entry is of, so that a calendar knows the later one; what was
cancelled stays for a month with `STATUS:CANCELLED`, so that it learns of that too.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from icalendar import Alarm, Calendar, Event

from services.gateway.domain.notices import Reader
from services.gateway.domain.notifying import NotificationSettings
from shared.db.transaction import Row
from shared.vocabulary import Language

STEP_LASTS = timedelta(minutes=30)
_SUMMARIES: dict[Language, dict[str, str]] = {
    "ru": {
        "next_step": "Следующий шаг",
        "invoice": "Срок оплаты счёта",
        "renewal": "Автопродление",
        "calendar": "Запуск Продаж",
    },
    "en": {
        "next_step": "Next step",
        "invoice": "Invoice is due",
        "renewal": "Renewal",
        "calendar": "Sales Launch",
    },
}


class CalendarEntry(NamedTuple):
    """Something in a calendar: at a moment, or on a day."""

    kind: str
    subject_id: UUID
    version: int
    starts: datetime | date
    changed_at: datetime
    is_cancelled: bool
    page: str


def entries_for(
    reader: Reader, agenda: Iterable[Row], renewals: Iterable[Row]
) -> list[CalendarEntry]:
    """What a person may see of what they have before them."""
    entries = [
        CalendarEntry(
            row["kind"],
            row["subject_id"],
            row["version"],
            row["at"] or row["on_day"],
            row["changed_at"],
            row["cancelled_at"] is not None,
            f"/activities/{row['activity_id']}",
        )
        for row in agenda
        if reader.may_read("next_step", row["room_id"])
    ]
    entries += [
        CalendarEntry(
            "renewal",
            row["renewal_id"],
            row["version"],
            row["due_on"],
            row["changed_at"],
            row["status"] != "scheduled",
            f"/activities/{row['contract_id']}",
        )
        for row in renewals
        if reader.may_read("next_step", row["room_id"])
    ]
    return entries


def tag_of(entries: Iterable[CalendarEntry], settings: NotificationSettings) -> str:
    """The entity tag of a calendar: another one whenever it would be rendered otherwise."""
    stamp = [
        (entry.kind, str(entry.subject_id), entry.version, str(entry.starts), entry.is_cancelled)
        for entry in entries
    ]
    content = repr((stamp, settings.language, settings.lead))
    return f'"{sha256(content.encode()).hexdigest()[:32]}"'


def rendered(
    entries: Iterable[CalendarEntry], settings: NotificationSettings, public_url: str
) -> bytes:
    """The calendar; `public_url` is where people reach the gateway."""
    texts = _SUMMARIES[settings.language]
    calendar = Calendar()
    calendar.add("prodid", "-//Sales Launch//Calendar//RU")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", texts["calendar"])
    calendar.add("refresh-interval;value=duration", "PT15M")
    for entry in entries:
        calendar.add_component(_event(entry, texts, settings.lead, public_url.rstrip("/")))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: CalendarEntry, texts: dict[str, str], lead: timedelta, public_url: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.kind}-{entry.subject_id}@{urlsplit(public_url).hostname}")
    event.add("sequence", entry.version)
    event.add("dtstamp", entry.changed_at)
    event.add("dtstart", entry.starts)
    if isinstance(entry.starts, datetime):
        event.add("dtend", entry.starts + STEP_LASTS)
    event.add("summary", texts[entry.kind])
    event.add("url", f"{public_url}{entry.page}")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    if entry.kind == "next_step" and not entry.is_cancelled:
        event.add_component(_alarm(texts[entry.kind], lead))
    return event


def _alarm(text: str, lead: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", -lead)
    return alarm
