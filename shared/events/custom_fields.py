"""Events of a company's own fields of its clients. What they hold is nobody's but the company's: no
event has it.
"""

from shared.events.base import ACTIVITIES, Event, State
from shared.events.directory import ChangedBy
from shared.ids import ChoiceId, ClientId, CompanyId, CustomFieldId, RoomId
from shared.vocabulary import CustomFieldKind


class FieldChoice(State):
    """A choice of a field; an archived one is chosen no more."""

    id: ChoiceId
    name: str
    archived: bool


class CustomFieldChanged(Event, type="custom_field.changed", topic=ACTIVITIES, noun="custom_field"):
    """A field of a company's clients was created or changed; or archived: its values are kept and
    shown no more.
    """

    custom_field_id: CustomFieldId
    company_id: CompanyId
    name: str
    kind: CustomFieldKind
    choices: list[FieldChoice]
    required: bool
    position: int
    archived: bool
    by: ChangedBy = None


class CustomValuesChanged(
    Event, type="custom_values.changed", topic=ACTIVITIES, noun="custom_values"
):
    """What a company keeps of a client in its own fields was changed: in which of them.

    `room_ids` are the rooms that see it. After a merge `merged_client_id` is the client that ended.
    """

    client_id: ClientId
    company_id: CompanyId
    field_ids: list[CustomFieldId]
    room_ids: list[RoomId]
    merged_client_id: ClientId | None = None
    by: ChangedBy = None
