"""What people say about being called. Who they are and what they said stays with the owner."""

from datetime import datetime

from pydantic import Field

from shared.events.base import ACTIVITIES, Event
from shared.ids import ClientId, ConsentId, EmployeeId, RoomId
from shared.vocabulary import ConsentKind, ConsentSubject


class ConsentRecorded(Event, type="consent.recorded", topic=ACTIVITIES, noun="consent"):
    """Somebody said something about being called: a consent was given or withdrawn, calls were
    forbidden or allowed again. The clients that are not to be called any more, or are again, tell
    so by `client.changed`.
    """

    consent_id: ConsentId = Field(description="The entry.")
    kind: ConsentKind = Field(description="What was said.")
    client_id: ClientId | None = Field(description="The client who was named; null for none.")
    holds_for: ConsentSubject = Field(description="One phone, whoever has it, or the client.")
    said_at: datetime = Field(description="When it was said; the latest word holds.")
    by: EmployeeId = Field(description="Who entered it.")
    room_ids: list[RoomId] = Field(description="The rooms whose people heard it; none: all.")
