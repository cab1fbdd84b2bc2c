"""What a person says about being called: consents are given and withdrawn, calls are forbidden."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import Invalid
from shared.ids import ClientId, ConsentId, EmployeeId, RoomId
from shared.vocabulary import ConsentKind, ConsentSubject

_CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody said, once: of one phone, or of a client as a person.

    `at` is when it was said, `recorded_at` when it was entered; `room_ids` are the rooms whose
    people heard it, none: everybody's.
    """

    id: ConsentId
    kind: ConsentKind
    client_id: ClientId | None
    phone: str | None
    person: str | None
    source: str
    text: str | None
    at: datetime
    recorded_at: datetime
    by: EmployeeId
    room_ids: list[RoomId]

    @property
    def forbids_calls(self) -> bool:
        """A withdrawn consent forbids calls like a word against them."""
        return self.kind in ("do_not_call", "withdrawn")

    @property
    def subject(self) -> tuple[ConsentSubject, str]:
        """Whose word it is: the phone's where one is named, else the client's."""
        return ("phone", self.phone) if self.phone else ("client", str(self.client_id))


def moment_said(typed: datetime | None, now: datetime) -> datetime:
    """When it was said, now unless typed. Raises `Invalid` for a moment still to come."""
    if typed is not None and typed > now + _CLOCKS_DIFFER:
        raise Invalid("at", "not_in_future")
    return min(typed, now) if typed else now


def require_own_phone(phone: str | None, phones: list[str]) -> None:
    """Raises `Invalid` for a phone that is not one of the client's `phones`."""
    if phone is not None and phone not in phones:
        raise Invalid("phone", "phone_of_client")
