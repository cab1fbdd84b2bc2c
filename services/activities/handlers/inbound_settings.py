"""What an admin or a marketer sets of messages from outside: forms of sites, rules of sources, our
numbers.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.refusals import DuplicateOurNumber, DuplicateSiteForm
from services.activities.domain.source_rules import MARKS, SourceRule
from services.activities.handlers.commands import Changes
from services.activities.handlers.directory import lock_expected
from services.activities.queries.directory import view_of_row
from services.activities.storage import directory, our_numbers, site_forms, source_rules
from services.activities.storage.directory import (
    COMPANY,
    OUR_NUMBER,
    PRODUCT,
    ROOM,
    SITE_FORM,
    SOURCE,
    DirectoryKind,
)
from services.activities.storage.source_rules import SourceRules
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid
from shared.membership import require_sold_in_room
from shared.versions import stale

View = dict[str, Any]


async def create_site_form(tx: Tx, values: Changes) -> View:
    """Sets how a form is read. Raises `DuplicateSiteForm`, and `NotFound` or `Invalid` for what it
    names.
    """
    await _check_form(tx, values)
    return view_of_row(await directory.insert_new(tx, SITE_FORM, values))


async def change_site_form(tx: Tx, form_id: UUID, changes: Changes) -> View:
    """Changes how a form is read. Raises as `create_site_form`, `NotFound`, `Stale`."""
    return await _change(tx, SITE_FORM, form_id, changes, _check_form)


async def create_our_number(tx: Tx, values: Changes) -> View:
    """Enters a number of ours. Raises `DuplicateOurNumber`, and `NotFound` or `Invalid` for what it
    names.
    """
    await _check_number(tx, values)
    return view_of_row(await directory.insert_new(tx, OUR_NUMBER, values))


async def change_our_number(tx: Tx, number_id: UUID, changes: Changes) -> View:
    """Changes what calls to a number mean. Raises as `create_our_number`, `NotFound`, `Stale`."""
    return await _change(tx, OUR_NUMBER, number_id, changes, _check_number)


async def set_source_rules(
    tx: Tx, rules: Sequence[SourceRule], default_source_id: UUID | None
) -> View:
    """Sets all rules by which requests get their source.

    Raises `NotFound` or `Invalid` for a source, `Stale`.
    """
    before = await source_rules.lock(tx)
    if not tx.expects(before.version):
        raise stale(before.version, {})
    for index, rule in enumerate(rules):
        await _require_source(tx, rule.source_id, f"rules.{index}.source_id")
    await _require_source(tx, default_source_id, "default_source_id")
    return view_of_rules(await source_rules.save(tx, list(rules), default_source_id))  # type: ignore[arg-type]


def view_of_rules(stored: SourceRules) -> View:
    """The rules as the API shows them."""
    names = ("source_id", *MARKS)
    return {
        "version": stored.version,
        "rules": [{name: getattr(rule, name) for name in names} for rule in stored.rules],
        "default_source_id": stored.default,
    }


async def _change(tx: Tx, kind: DirectoryKind, id_: UUID, changes: Changes, check: Any) -> View:
    before = await lock_expected(tx, kind, id_, changes)
    after = {**before, **changes}
    if all(before[name] == after[name] for name in changes):
        return view_of_row(before)
    await check(tx, after)
    return view_of_row(await directory.save(tx, kind, after))


async def _check_form(tx: Tx, values: Changes | Row) -> None:
    room = await directory.get(tx, ROOM, _id(values["room_id"]), "room_id")
    await directory.get(tx, COMPANY, _id(values["company_id"]), "company_id")
    require_sold_in_room(room["company_ids"], _id(values["company_id"]))
    await _require_source(tx, values["source_id"], "source_id")
    product_ids: Any = values["product_ids"]
    for index, product_id in enumerate(product_ids):
        product = await directory.find(tx, PRODUCT, product_id)
        if product is None or product["company_id"] != values["company_id"]:
            raise Invalid(f"product_ids.{index}", "belongs_to_company")
    if values.get("archived"):
        return
    same = await site_forms.find_same(tx, values["key_id"], values["form_id"])
    if same and same != values.get("id"):
        raise DuplicateSiteForm(site_form_id=str(same))


async def _check_number(tx: Tx, values: Changes | Row) -> None:
    await _require_source(tx, values["source_id"], "source_id")
    if values["room_id"]:
        room = await directory.get(tx, ROOM, _id(values["room_id"]), "room_id")
        if values["company_id"]:
            require_sold_in_room(room["company_ids"], _id(values["company_id"]))
    if values["company_id"]:
        await directory.get(tx, COMPANY, _id(values["company_id"]), "company_id")
    same = await our_numbers.find(tx, str(values["number"]))
    if same and same["id"] != values.get("id"):
        raise DuplicateOurNumber(our_number_id=str(same["id"]))


async def _require_source(tx: Tx, source_id: Any, field: str) -> None:
    if source_id is None:
        return
    source = await directory.get(tx, SOURCE, source_id, field)
    if source["kind"] == "renewal":
        raise Invalid(field, "source_of_renewals")


def _id(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
