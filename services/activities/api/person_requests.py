"""Bodies of requests about contact persons, and how they are shown."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.activities.api.client_requests import ContactsChange, Emails, Phones
from services.activities.api.requests import Body, Flag
from shared.ids import ClientId, EmployeeId
from shared.text import Line, Text


class NewContactPerson(Body):
    """Whom to talk to at a client."""

    name: Line
    position: Line | None = None
    phones: Phones = []
    emails: Emails = []
    note: Text | None = None


class ContactPersonChange(ContactsChange):
    """As `NewContactPerson`. Contacts are set as whole lists, or some are added and others removed;
    an archived person is restored by `false`.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"position": "Финансовый директор", "add_phones": ["+79161234567"]}]
        },
    )

    name: Line = ""
    position: Line | None = None
    note: Text | None = None
    archived: Flag = False


class ContactPersonView(BaseModel):
    """A contact person of a client, as the rooms know them that entered them."""

    id: UUID
    version: int
    client_id: ClientId
    name: str
    position: str | None
    phones: list[str]
    emails: list[str]
    note: str | None
    archived: bool
    created_by: EmployeeId | None
