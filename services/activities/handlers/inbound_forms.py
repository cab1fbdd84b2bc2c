"""A form that a site's visitor sent, as its setting says it is to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities.domain.registering import RequestedProduct
from services.activities.domain.site_forms import ADVERTISING, ReadForm, read_form
from services.activities.handlers.inbound import receive_message
from services.activities.handlers.inbound_commands import (
    Advertising,
    GivenConsent,
    InboundMessage,
    TypedPerson,
)
from services.activities.storage import site_forms
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import ProductId
from shared.tenancy import Caller

LONGEST_ID = 200
LONGEST_MARK = 500
ORIGIN = "Форма на сайте"


@dataclass(frozen=True, slots=True)
class SentForm:
    """The fields of a form in their order, None where nobody could read them, and its body."""

    fields: Sequence[tuple[str, str]] | None
    body: bytes
    content_type: str | None


async def receive_form(tx: Tx, form: SentForm, caller: Caller) -> Mapping[str, Any]:
    """Takes a form of the caller's, an API key's. Whatever is wrong with it, nothing is lost."""
    if form.fields is None:
        person = TypedPerson()
        unread = InboundMessage(
            "form", person, form.body, form.content_type, not_understood="unreadable"
        )
        return await receive_message(tx, unread, caller)
    form_id = read_form(form.fields, {}).values.get("form_id")
    setting = await site_forms.find(tx, caller.employee_id, form_id)
    read = read_form(form.fields, setting["fields"] if setting else {})
    return await receive_message(tx, _message(form, read, setting, caller), caller)


def _message(form: SentForm, read: ReadForm, setting: Row | None, caller: Caller) -> InboundMessage:
    values = read.values
    text = setting["consent_text"] if setting else None
    external_id = values.get("external_id")
    known = setting is not None or len(caller.room_ids) == 1
    return InboundMessage(
        channel="form",
        person=TypedPerson(
            values.get("name"), values.get("phone"), values.get("email"), values.get("inn")
        ),
        body=form.body,
        content_type=form.content_type,
        external_id=external_id[:LONGEST_ID] if external_id else None,
        room_id=setting["room_id"] if setting else None,
        company_id=setting["company_id"] if setting else None,
        default_source_id=setting["source_id"] if setting else None,
        products=_products(setting["product_ids"] if setting else ()),
        note=values.get("note"),
        lines=read.lines,
        consent=GivenConsent(text) if text and read.has_consent else None,
        origin=f"{ORIGIN}: {setting['name']}" if setting else ORIGIN,
        advertising=Advertising(
            **{name: value[:LONGEST_MARK] for name in ADVERTISING if (value := values.get(name))}
        ),
        not_understood=None if known else "unknown_form",
    )


def _products(product_ids: Sequence[UUID]) -> list[RequestedProduct]:
    return [RequestedProduct(ProductId(product_id), 1, None) for product_id in product_ids]
