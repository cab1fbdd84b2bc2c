"""Changing the order of an activity."""

from services.activities.domain.ordering import change_order, changed_lines
from services.activities.handlers.commands import ChangeOrder
from services.activities.handlers.locked import lock_activity, require_own, save_activity
from services.activities.queries.activity_view import View
from services.activities.storage.registering import find_offered
from shared.db import Tx
from shared.errors import NotFound
from shared.tenancy import Caller


async def change_activity_order(tx: Tx, command: ChangeOrder, caller: Caller) -> View:
    """Agrees on other lines.

    Raises:
        NotFound: the activity, or a product; names the field.
        Forbidden: a colleague works it.
        AlreadyWon, NotInWork: it is closed.
        Invalid: a product of another company or no longer sold, a price in another currency.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    activity = locked.activity
    require_own(activity, caller)
    agreed = {line.product_id for line in activity.products}
    new_ids = [line.product_id for line in command.products if line.product_id not in agreed]
    offered = await find_offered(tx, new_ids) if new_ids else {}
    for index, requested in enumerate(command.products):
        if requested.product_id not in agreed and requested.product_id not in offered:
            raise NotFound("product", f"products.{index}.product_id")
    lines = changed_lines(activity, command.products, offered)
    events = change_order(activity, lines, locked.room_settings, locked.won_before, tx.now)
    return await save_activity(tx, locked, events, caller)
