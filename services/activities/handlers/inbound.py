"""A message from outside becomes work: for who works the client or holds it, else for the pool;
what nobody can follow waits for a person.
"""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from services.activities.domain.inbound_messages import LONGEST_NOTE, OPEN, note_of, record_message
from services.activities.domain.source_rules import choose_source
from services.activities.handlers.commands import RecordConsent, RegisterActivity
from services.activities.handlers.consents import record_consent
from services.activities.handlers.inbound_commands import InboundMessage, NotUnderstood
from services.activities.handlers.inbound_people import describe, enter_client, lock_client
from services.activities.handlers.locked import caught_up, save_activity
from services.activities.handlers.registering import register_activity
from services.activities.storage import (
    directory,
    inbound_messages,
    locking,
    open_work,
    source_rules,
)
from services.activities.storage.directory import COMPANY, PRODUCT, ROOM, SOURCE
from services.activities.storage.locking import LockedActivity
from shared.db import Tx
from shared.errors import Refusal
from shared.ids import ActivityId, ClientId, CompanyId, RoomId, new_id
from shared.tenancy import Caller

View = dict[str, Any]
AGAIN = "Повторное обращение"
_PASSING = frozenset({429, 503})


async def receive_message(tx: Tx, message: InboundMessage, caller: Caller) -> View:
    """Takes a message of the caller's, an API key's, once by its sender's id.

    One person's messages make one activity: a client whom somebody of the company works gets an
    interaction there, one who waits in the room's pool a line, and a VIP goes to its holder.

    Raises what `register_activity` raises of the fields that the message `named`.
    """
    message_id = new_id()
    earlier = await inbound_messages.claim(tx, _claimed(message, message_id, caller))
    if earlier:
        return view_of(earlier["id"], earlier["state"], earlier["activity_id"], earlier["reason"])
    reason, state, activity_id = None, "unprocessed", None
    try:
        async with tx.savepoint():
            state, activity_id = await _route(tx, message, caller)
    except NotUnderstood as obscure:
        reason = obscure.reason
    except Refusal as refusal:
        if _is_senders(refusal, message):
            raise
        reason = "refused"
    await _finish(tx, message, message_id, state, activity_id, reason)
    return view_of(message_id, state, activity_id, reason)


def view_of(message_id: UUID, state: str, activity_id: UUID | None, reason: str | None) -> View:
    """What a sender is told; a repetition also what has become of the message since."""
    return {"id": message_id, "state": state, "activity_id": activity_id, "reason": reason}


def _claimed(message: InboundMessage, message_id: UUID, caller: Caller) -> dict[str, Any]:
    return {
        "id": message_id,
        "key_id": caller.employee_id,
        "external_id": message.external_id,
        "channel": message.channel,
        "room_ids": [message.room_id] if message.room_id else sorted(caller.room_ids),
        "content_type": message.content_type,
        "body": None,
    }


async def _finish(
    tx: Tx,
    message: InboundMessage,
    message_id: UUID,
    state: str,
    activity_id: UUID | None,
    reason: str | None,
) -> None:
    waits = state == "unprocessed"
    await inbound_messages.finish(
        tx,
        message_id,
        {
            "state": state,
            "reason": reason,
            "activity_id": activity_id,
            "body": message.body if waits else None,
            "expires_at": tx.now + (inbound_messages.WAITS if waits else inbound_messages.KEPT),
        },
    )


def _is_senders(refusal: Refusal, message: InboundMessage) -> bool:
    """Whether the sender is to know: it passes, or it is about something that the sender named."""
    if refusal.status in _PASSING or refusal.code == "stale":
        return True
    fields = [error["field"].partition(".")[0] for error in refusal.extra.get("errors", ())]
    return not message.named.isdisjoint(fields)


async def _route(tx: Tx, message: InboundMessage, caller: Caller) -> tuple[str, ActivityId]:
    if message.not_understood:
        raise NotUnderstood(message.not_understood)
    await _require_named(tx, message, caller)
    values, unread = describe(message.person)
    room_id, company_id = await _place(tx, message, caller)
    client = await lock_client(tx, values)
    work = await _open_work(tx, company_id, client["id"], room_id) if client else None
    if work:
        room_id = work.activity.room_id
    elif client:
        room_id = await open_work.find_room_of_vip(tx, company_id, client["id"], room_id) or room_id
    acting = replace(caller, roles=frozenset({"seller"}), room_ids=frozenset({room_id}))
    client_id, left_over = await enter_client(tx, client, values, room_id, caller.employee_id)
    await _record_consent(tx, message, values, client_id, acting)
    note = note_of(message.note, [*message.lines, *unread, *left_over])
    if len(note) > LONGEST_NOTE:
        raise NotUnderstood("too_long")
    if work:
        await _append(tx, message, work, note or AGAIN, acting)
        activity_id, state = work.activity.id, "added"
    else:
        activity_id = await _register(tx, message, company_id, client_id, note, acting)
        state = "registered"
    await inbound_messages.attribute(tx, activity_id, asdict(message.advertising))
    return state, activity_id


async def _require_named(tx: Tx, message: InboundMessage, caller: Caller) -> None:
    """Raises `NotFound` for what the sender names and is not there for it, whoever the message is
    from.
    """
    if "room_id" in message.named and message.room_id:
        caller.require_room(message.room_id, field="room_id")
    if "company_id" in message.named and message.company_id:
        await directory.get(tx, COMPANY, message.company_id, "company_id")
    if "source_id" in message.named and message.source_id:
        await directory.get(tx, SOURCE, message.source_id, "source_id")
    if message.products:
        product_ids = {product.product_id for product in message.products}
        await directory.require_all(tx, PRODUCT, product_ids, "products")


async def _place(tx: Tx, message: InboundMessage, caller: Caller) -> tuple[RoomId, CompanyId]:
    """Where the message is to be worked. Raises `NotFound` for a room that is not the key's."""
    room_id = message.room_id
    if room_id is None:
        if len(caller.room_ids) != 1:
            raise NotUnderstood("no_room")
        (room_id,) = caller.room_ids
    caller.require_room(room_id, field="room_id")
    if message.company_id:
        return RoomId(room_id), CompanyId(message.company_id)
    room = await directory.get(tx, ROOM, room_id, "room_id")
    if len(room["company_ids"]) != 1:
        raise NotUnderstood("no_company")
    return RoomId(room_id), CompanyId(room["company_ids"][0])


async def _open_work(
    tx: Tx, company_id: UUID, client_id: UUID, room_id: UUID
) -> LockedActivity | None:
    """The activity to which the client's message belongs, locked as it is now."""
    activity_id = await open_work.find_open(tx, company_id, client_id, room_id)
    if activity_id is None:
        return None
    locked = caught_up(await locking.lock(tx, activity_id), tx.now)
    return locked if locked.activity.status in OPEN else None


async def _append(
    tx: Tx, message: InboundMessage, work: LockedActivity, note: str, acting: Caller
) -> None:
    promise = message.promise
    step = (promise.what, tx.now + promise.within) if promise else None
    events = record_message(
        work.activity, message.interaction, note, step, work.room_settings, tx.now
    )
    await save_activity(tx, work, events, acting)


async def _register(
    tx: Tx,
    message: InboundMessage,
    company_id: CompanyId,
    client_id: ClientId,
    note: str,
    acting: Caller,
) -> ActivityId:
    """Registers the activity in the acting caller's room: in its pool, or with the VIP's holder."""
    (room_id,) = acting.room_ids
    command = RegisterActivity(
        company_id=company_id,
        room_id=room_id,
        source_id=await _source(tx, message),
        products=message.products,
        client_id=client_id,
        client=None,
        note=note or None,
        take=False,
    )
    view = await register_activity(tx, command, acting)
    return ActivityId(UUID(str(view["id"])))


async def _source(tx: Tx, message: InboundMessage) -> UUID:
    """The source that the message names, or that its UTM marks mean."""
    if message.source_id:
        return message.source_id
    stored = await source_rules.find(tx)
    marks = {name: value for name, value in asdict(message.advertising).items() if value}
    source_id = choose_source(stored.rules, message.default_source_id or stored.default, marks)
    if source_id is None:
        raise NotUnderstood("no_source")
    return source_id


async def _record_consent(
    tx: Tx, message: InboundMessage, values: Any, client_id: ClientId, acting: Caller
) -> None:
    """What the person agreed to, of their phone where they gave one. A moment still to come is a
    sender's clock: it was said now.
    """
    consent = message.consent
    if consent is None:
        return
    phone = values["phones"][0] if values["phones"] else None
    at = consent.at if consent.at and consent.at <= tx.now else None
    command = RecordConsent(
        client_id=None if phone else client_id,
        kind="given",
        phone=phone,
        source=message.origin,
        text=consent.text,
        person=values["name"],
        at=at,
    )
    await record_consent(tx, command, acting)
