"""Registering an activity: who wants what, from which source, in which room."""

from dataclasses import replace
from uuid import UUID

from services.activities.domain.description import DescribedClient
from services.activities.domain.refusals import DoNotCall
from services.activities.domain.registering import Registration, order_lines, register
from services.activities.handlers.clients import enter_room, find_or_create_client
from services.activities.handlers.commands import RegisterActivity
from services.activities.handlers.responsibility import require_below_limit
from services.activities.handlers.saving import save_new
from services.activities.queries.activity_view import View, view_of
from services.activities.storage import open_work, work_limit
from services.activities.storage.registering import RegistrationContext, find_context
from shared.db import Tx
from shared.errors import Forbidden, Invalid, NotFound
from shared.ids import ActivityId, ClientId, RoomId, SourceId, new_id
from shared.membership import require_sold_in_room
from shared.tenancy import Caller


async def register_activity(tx: Tx, command: RegisterActivity, caller: Caller) -> View:
    """Puts a client's interest into the pool of its room, or with whoever it belongs to: a VIP's
    with its holder, in a room where that one works.

    Raises:
        NotFound: room (also one that is not the caller's), company, source, product or client
            (also one whom the caller does not see); names the field.
        NotSoldInRoom: the room does not sell for the company.
        Invalid: a company, room or source that is archived, a product of another company or no
            longer sold, a price in another currency, a source that only renewals have.
        DoNotCall: a cold source, of a client that is not to be called.
        Forbidden: taking at once by someone who does not sell in the room.
        WorkLimitReached: the caller takes it, and has as many in work as the room allows one.
        DuplicateClient: the description may mean several clients, or one whom the caller does
            not see.
    """
    caller.require_room(command.room_id, field="room_id")
    client_id, described = command.client_id, None
    if command.client:
        described = await find_or_create_client(tx, command.client, command.room_id, caller)
        client_id = described.id
    context = await _find_context(tx, command, client_id, caller)
    if context.merged_into:
        client_id = context.merged_into
        context = await _find_context(tx, command, client_id, caller)
    may_take = context.caller_sells
    # What was asked for is right in itself before it goes to the holder's room.
    registration = _resolve(command, client_id, described, context, caller)
    if context.is_held_elsewhere:
        command = await _in_room_of_holder(tx, command, client_id)
        context = await _find_context(tx, command, client_id, caller)
        registration = _resolve(command, client_id, described, context, caller)
    if command.take and not may_take:
        raise Forbidden("take_at_once")
    registered = register(
        registration,
        context.won_before,
        context.vip_holder,
        caller.employee_id if command.take else None,
        context.room_settings,
        tx.now,
    )
    if registered[-1].after.how == "registered" and context.room_settings.options.work_limit:
        await work_limit.lock_place(tx, caller.employee_id, command.room_id)
        await require_below_limit(
            tx, registered[-1].after, context.room_settings, caller.employee_id
        )
    if command.room_id not in context.client_room_ids:
        await enter_room(tx, registration.client_id, command.room_id)
    sent = await save_new(tx, registered, caller.employee_id)
    assert context.client
    view = view_of(registered[-1].after, context.client, tx.now, sent)
    if described and described.added:
        view["added_to_client"] = described.added
    if registration.as_registered:
        view["as_registered"] = registration.as_registered
    return view


async def _in_room_of_holder(
    tx: Tx, command: RegisterActivity, client_id: UUID | None
) -> RegisterActivity:
    """The command in a room where who holds the client sells for the company; as it is where there
    is none.
    """
    assert client_id
    room_id = await open_work.find_room_of_vip(tx, command.company_id, client_id, command.room_id)
    return replace(command, room_id=room_id) if room_id else command


async def _find_context(
    tx: Tx, command: RegisterActivity, client_id: UUID | None, caller: Caller
) -> RegistrationContext:
    return await find_context(
        tx,
        company_id=command.company_id,
        room_id=command.room_id,
        source_id=command.source_id,
        client_id=client_id,
        product_ids=[requested.product_id for requested in command.products],
        employee_id=caller.employee_id,
    )


def _resolve(
    command: RegisterActivity,
    client_id: UUID | None,
    described: DescribedClient | None,
    context: RegistrationContext,
    caller: Caller,
) -> Registration:
    """The registration with its references checked. Raises `NotFound`, `Invalid`, `DoNotCall`."""
    if context.room_company_ids is None:
        raise NotFound("room", "room_id")
    if context.currency is None:
        raise NotFound("company", "company_id")
    if context.source_kind is None:
        raise NotFound("source", "source_id")
    if context.source_kind == "renewal":
        raise Invalid("source_id", "source_of_renewals")
    client_is_seen = caller.sees_client(context.client_room_ids)
    if client_id is None or context.client is None or not client_is_seen:
        raise NotFound("client", "client_id")
    if context.source_kind == "cold" and context.client["do_not_call"]:
        raise DoNotCall
    for field in context.archived:
        raise Invalid(field, "archived")
    require_sold_in_room(context.room_company_ids, command.company_id)
    for index, requested in enumerate(command.products):
        if requested.product_id not in context.products:
            raise NotFound("product", f"products.{index}.product_id")
    return Registration(
        id=ActivityId(new_id()),
        company_id=command.company_id,
        room_id=RoomId(command.room_id),
        client_id=ClientId(client_id),
        source_id=SourceId(command.source_id),
        source_kind=context.source_kind,
        currency=context.currency,
        products=order_lines(
            command.products, context.products, command.company_id, context.currency
        ),
        note=command.note,
        by=caller.employee_id,
        as_registered=described.left_over if described else {},
    )
