"""Recording what somebody says about being called."""

from typing import Any

from services.activities.domain.consents import Consent, moment_said, require_own_phone
from services.activities.domain.contact_rooms import seen_by
from services.activities.domain.identity import Identity, number_of
from services.activities.events import publish_consent, publish_directory
from services.activities.handlers.commands import RecordConsent
from services.activities.queries.clients import view_of_row
from services.activities.storage import clients, consents, do_not_call
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Forbidden, NotFound
from shared.ids import ConsentId, new_id
from shared.tenancy import Caller

View = dict[str, Any]


async def record_consent(tx: Tx, command: RecordConsent, caller: Caller) -> View:
    """Records a word of a phone, a client's or anybody's, or of a client; the clients concerned
    follow in the same transaction.

    Who registers such a client at the same moment is through before, or is refused. Raises
    `NotFound` for a client that the caller does not see, `Invalid` for a phone that is not the
    client's or a moment still to come, `Forbidden` for letting calls be made again by somebody
    who is no head or admin.
    """
    if command.kind == "calls_allowed" and not caller.has_any(("head", "admin")):
        raise Forbidden("allow_calls")
    if command.phone:
        await clients.lock_identities(tx, [Identity("phone", command.phone)])
    concerned = await _lock(tx, command, caller)
    await tx.read_clock()
    consent = _consent(tx, command, caller)
    await consents.insert_new(tx, consent)
    await do_not_call.say(tx, consent)
    changed = await do_not_call.follow(tx, command.client_id, command.phone)
    for row in changed:
        publish_directory(tx, "client", row)
    publish_consent(tx, consent)
    concerned |= {row["id"]: row for row in changed}
    seen = [row for row in concerned.values() if _sees(caller, row, command.phone)]
    return {
        **{name: getattr(consent, name) for name in _SHOWN},
        "clients": [view_of_row(row, caller) for row in seen],
    }


_SHOWN = (
    "id",
    "kind",
    "client_id",
    "phone",
    "person",
    "source",
    "text",
    "at",
    "recorded_at",
    "by",
)


async def _lock(tx: Tx, command: RecordConsent, caller: Caller) -> dict[Any, Row]:
    """The clients that have the phone, or the one that is named, by id."""
    if command.client_id:
        named = await clients.find_visible(tx, command.client_id, caller)
        if named is None:
            raise NotFound("client")
        require_own_phone(command.phone, seen_by(named, caller.rooms())["phones"])
    rows = await do_not_call.lock_concerned(tx, command.client_id, command.phone)
    if command.client_id and command.client_id not in {row["id"] for row in rows}:
        # Merged into another meanwhile, or without the phone.
        raise NotFound("client")
    return {row["id"]: row for row in rows}


def _sees(caller: Caller, client: Row, phone: str | None) -> bool:
    """Whether the caller sees the client, and that the phone is its."""
    if not caller.sees_client(client["room_ids"]):
        return False
    phones = seen_by(client, caller.rooms())["phones"]
    return phone is None or any(phone in (each, number_of(each)) for each in phones)


def _consent(tx: Tx, command: RecordConsent, caller: Caller) -> Consent:
    return Consent(
        id=ConsentId(new_id()),
        kind=command.kind,
        client_id=command.client_id,
        phone=command.phone,
        person=command.person,
        source=command.source,
        text=command.text,
        at=moment_said(command.at, tx.now),
        recorded_at=tx.now,
        by=caller.employee_id,
        room_ids=[] if caller.sees_every_room else sorted(caller.room_ids),
    )
