"""Names and contacts of people, and the text they typed: `sales.people.v1`, compacted, key
`tenant:subject`, erased by a tombstone.

A record is the subject's whole present state, so its version only orders and may skip numbers.
"""

from shared.events.base import PEOPLE, Event
from shared.vocabulary import PersonKind


class PersonDescribed(Event, type="person.described", topic=PEOPLE, noun="person"):
    """An employee or client, by name and the ways to reach them.

    `inn` of 12 digits is a person's.
    """

    kind: PersonKind
    name: str
    phones: list[str] = []
    emails: list[str] = []
    inn: str | None = None


class ContactPersonDescribed(
    Event, type="contact_person.described", topic=PEOPLE, noun="contact_person_text"
):
    """A contact person of a client: name, position, the ways to reach them, and what was noted.
    Whose they are and which rooms see them tells `contact_person.changed`.
    """

    name: str
    position: str | None
    phones: list[str] = []
    emails: list[str] = []
    note: str | None = None


class ActivityDescribed(Event, type="activity.described", topic=PEOPLE, noun="activity_text"):
    """The free text of an activity as it stands now."""

    note: str | None
    next_step: str | None
    lost_reason: str | None
