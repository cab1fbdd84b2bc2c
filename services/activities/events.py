"""Domain events to published events, and nowhere else."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.consents import Consent
from services.activities.domain.renewals import Renewal
from services.activities.domain.renewals import RenewalEvent as RenewalChange
from services.activities.domain.split_proposal import Shares
from services.activities.domain.trade import Invoice, OrderLine
from shared.db import Tx
from shared.db.transaction import Row
from shared.events import REGISTRY, Event
from shared.events.activities import (
    ActivityEvent,
    ActivityState,
    Checklist,
    DueInvoice,
    EmployeeShare,
    ProductLine,
    ProposedSplit,
    ReturnedProduct,
)
from shared.events.chain import AgreedLine
from shared.events.consents import ConsentRecorded
from shared.events.custom_fields import CustomFieldChanged, CustomValuesChanged
from shared.events.directory import (
    AbsenceChanged,
    ChangedBy,
    ClientChanged,
    ClientMerged,
    CompanyChanged,
    CompanyVatChanged,
    ContactPersonChanged,
    EmployeeChanged,
    LossReasonChanged,
    ProductChanged,
    ProductCost,
    RoomChanged,
    RoomDefaultsChanged,
    RoomSettingsChanged,
    SourceChanged,
    TenantChanged,
    VatFrom,
)
from shared.events.people import ActivityDescribed, ContactPersonDescribed, PersonDescribed
from shared.events.renewals import RenewalEvent, RenewalState
from shared.events.source_costs import SourceCostChanged
from shared.ids import (
    ClientId,
    CompanyId,
    CustomFieldId,
    EmployeeId,
    ProductId,
    RoomId,
    derived_id,
)
from shared.money import Money, MoneySum
from shared.room_settings import DEFAULTS

TEXT_FIELDS = tuple(ActivityDescribed.model_fields)
_NO_TEXT: dict[str, str | None] = dict.fromkeys(TEXT_FIELDS)
# In the order of the schema, in which events are rendered.
_STATE: dict[str, Any] = dict.fromkeys(ActivityState.model_fields)
_COMPOSED = ("products", "shares", "checklist", "due_invoices", "returned", "split_proposal")
_SAME_NAME = tuple(name for name in _STATE if name not in _COMPOSED)
_same_values = attrgetter(*_SAME_NAME)
_PARTS: Mapping[str, Mapping[str, Any]] = {
    "activity.split": {"shares": EmployeeShare},
    "activity.split_proposed": {"shares": EmployeeShare},
    "order.changed": {"before": AgreedLine, "after": AgreedLine},
}
_LINE = tuple(ProductLine.model_fields)
_RENEWAL_SAME_NAME = tuple(
    name for name in RenewalState.model_fields if name not in ("products", "has_note")
)
_line_values = attrgetter(*_LINE)
# What an event's details may leave out, as its schema has it.
_LEFT_OUT: Mapping[str, Mapping[str, Any]] = {
    name: {
        field: shape.get_default(call_default_factory=True)
        for field, shape in event_type.model_fields.items()
        if not shape.is_required()
    }
    for name, event_type in REGISTRY.items()
    if issubclass(event_type, ActivityEvent)
}
Describe = Callable[[Row, ChangedBy], Event]


def publish(
    tx: Tx,
    events: Sequence[DomainEvent],
    by: EmployeeId | None,
    stored: Activity | None = None,
) -> bytes:
    """Publishes the events of an activity and, where its text is no longer as `stored`, the text.

    Returns the last event as it is sent.
    """
    sent = b""
    for event in events:
        after = event.after
        published = event_of(event, None if event.catch_up else by)
        sent = tx.publish(published, after.id, after.version)
    if text_of(after) != (text_of(stored) if stored else _NO_TEXT):
        tx.publish(ActivityDescribed(**text_of(after)), after.id, after.version)
    return sent


def event_of(event: DomainEvent, by: EmployeeId | None) -> ActivityEvent:
    """The published form of a domain event; not validated, for its values come from our rules."""
    # Last what was left out: events are rendered in the order of their schema.
    details = event.details | {
        field: value for field, value in _LEFT_OUT[event.type].items() if field not in event.details
    }
    for name, part in _PARTS.get(event.type, {}).items():
        details[name] = [part.build(**values) for values in details[name]]
    event_type: Any = REGISTRY[event.type]
    published: ActivityEvent = event_type.build(
        activity_id=event.after.id, by=by, state=state_of(event.after), **details
    )
    return published


def state_of(activity: Activity) -> ActivityState:
    """The published state of an activity: its own fields by name, and the derived ones."""
    values = dict(_STATE)
    values.update(zip(_SAME_NAME, _same_values(activity), strict=True))
    values["products"] = [_product_line(line) for line in activity.products]
    values["shares"] = _shares(activity)
    values["due_invoices"] = [_due_invoice(invoice) for invoice in activity.due_invoices]
    values["returned"] = _returned(activity)
    values["split_proposal"] = _proposed_split(activity)
    values["vip"] = activity.vip if activity.status == "won" else None
    values["checklist"] = Checklist.build(
        invoiced=activity.invoiced.amount > 0,
        paid=activity.paid.amount > 0,
        shipped=bool(activity.trade.shipments),
        documents_signed=activity.documents_signed,
        fully_paid=activity.covered,
    )
    return ActivityState.build(**values)


def text_of(activity: Activity) -> dict[str, str | None]:
    """The free text of an activity, which travels apart from its state and can be erased."""
    return {name: getattr(activity, name) for name in TEXT_FIELDS}


def _product_line(line: OrderLine) -> ProductLine:
    return ProductLine.build(**dict(zip(_LINE, _line_values(line), strict=True)))


def _due_invoice(invoice: Invoice) -> DueInvoice:
    return DueInvoice.build(
        invoice_id=invoice.id,
        number=invoice.number,
        due_on=invoice.due_on,
        overdue_at=invoice.overdue_from,
    )


def _returned(activity: Activity) -> list[ReturnedProduct]:
    """What went back for each product by name, in the order of the first refund of each."""
    returned: dict[ProductId, MoneySum] = {}
    for refund in activity.trade.refunds:
        if refund.product_id:
            before = returned.get(refund.product_id, MoneySum.zero(activity.currency))
            returned[refund.product_id] = before + refund.amount
    return [
        ReturnedProduct.build(product_id=product_id, amount=amount)
        for product_id, amount in returned.items()
    ]


def _shares(activity: Activity) -> list[EmployeeShare]:
    """The agreed shares; without any the responsible has the whole."""
    responsible = activity.responsible_id
    return _parts(activity.shares or (((responsible, Decimal(1)),) if responsible else ()))


def _proposed_split(activity: Activity) -> ProposedSplit | None:
    proposal = activity.open_split
    if proposal is None:
        return None
    return ProposedSplit.build(
        id=proposal.id,
        by=proposal.by,
        at=proposal.at,
        shares=_parts(proposal.shares),
        asked=list(proposal.asked),
    )


def _parts(shares: Shares) -> list[EmployeeShare]:
    return [EmployeeShare.build(employee_id=employee, share=share) for employee, share in shares]


def publish_renewals(tx: Tx, changes: Sequence[RenewalChange], by: EmployeeId | None) -> None:
    """Publishes changes of renewals, which are locked or new."""
    for change in changes:
        after = change.after
        tx.publish(renewal_event(change.type, after, by), after.id, after.version)


def renewal_event(event_type: str, renewal: Renewal, by: EmployeeId | None) -> RenewalEvent:
    """The published form of a change of a renewal."""
    build: Any = REGISTRY[event_type].build
    values = {name: getattr(renewal, name) for name in _RENEWAL_SAME_NAME}
    state = RenewalState.build(
        **values,
        products=[_product_line(line) for line in renewal.products],
        has_note=renewal.note is not None,
    )
    published: RenewalEvent = build(renewal_id=renewal.id, by=by, state=state)
    return published


def publish_consent(tx: Tx, consent: Consent) -> None:
    """Publishes that something was said about being called, and not what."""
    event = ConsentRecorded(
        consent_id=consent.id,
        kind=consent.kind,
        client_id=consent.client_id,
        holds_for=consent.subject[0],
        said_at=consent.at,
        by=consent.by,
        room_ids=consent.room_ids,
    )
    tx.publish(event, consent.id, 1)


def publish_directory(tx: Tx, kind: str, row: Row) -> None:
    """Publishes a thing of the directory as it is now, and who it is where it is a person."""
    for event in directory_events(kind, row, tx.caller.by if tx.caller else None):
        tx.publish(event, row["id"], row["version"])


def directory_events(kind: str, row: Row, by: ChangedBy = None) -> list[Event]:
    """The events that describe a thing of the directory, changed `by`; kinds are named by their
    tables.
    """
    return [describe(row, by) for describe in _DIRECTORY[kind]]


def publish_company_vat(
    tx: Tx, company_id: CompanyId, version: int, requisites: Mapping[str, Any]
) -> None:
    """Publishes how a company pays value added tax, under an id of its own: with every version of
    its requisites.
    """
    event = company_vat_event(company_id, requisites, tx.caller.by if tx.caller else None)
    tx.publish(event, company_vat_id(company_id), version)


def company_vat_event(
    company_id: CompanyId, requisites: Mapping[str, Any], by: ChangedBy = None
) -> CompanyVatChanged:
    """The event that describes how a company pays value added tax."""
    periods = [VatFrom.model_validate(period) for period in requisites["vat"]]
    return CompanyVatChanged(company_id=company_id, periods=periods, by=by)


def company_vat_id(company_id: CompanyId) -> UUID:
    """The subject of the events of how a company pays value added tax."""
    return derived_id(company_id, "vat")


def publish_room_settings(tx: Tx, row: Row, by: EmployeeId) -> None:
    """Publishes the room settings of a company as they are now."""
    settings_id = derived_id(row["room_id"], row["company_id"])
    tx.publish(room_settings_event(row, by), settings_id, row["version"])


def publish_room_defaults(tx: Tx, row: Row, by: EmployeeId) -> None:
    """Publishes what a company's new rooms begin with, under an id of its own."""
    event = RoomDefaultsChanged(
        company_id=row["company_id"],
        changed_by=by,
        heads_may_change=row["heads_may_change"],
        **{name: row[name] for name in DEFAULTS},
    )
    tx.publish(event, derived_id(row["company_id"], row["company_id"]), row["version"])


def publish_custom_values(
    tx: Tx,
    client_id: ClientId,
    company_id: CompanyId,
    version: int,
    field_ids: Sequence[CustomFieldId],
    room_ids: Sequence[RoomId],
    merged_client_id: ClientId | None,
) -> None:
    """Publishes which values of a client a company has changed, under an id of their own."""
    event = CustomValuesChanged(
        client_id=client_id,
        company_id=company_id,
        field_ids=list(field_ids),
        room_ids=list(room_ids),
        merged_client_id=merged_client_id,
        by=tx.caller.by if tx.caller else None,
    )
    tx.publish(event, derived_id(client_id, company_id), version)


def room_settings_event(row: Row, by: EmployeeId | None) -> RoomSettingsChanged:
    """The event that describes the room settings of a company."""
    numbers = {name: row[name] for name in DEFAULTS}
    return RoomSettingsChanged(
        room_id=row["room_id"],
        company_id=row["company_id"],
        changed_by=by,
        reset_notices=row["reset_notices"] or [],
        options=row["options"] or {},
        **numbers,
    )


def _event(event_type: Callable[..., Event], id_field: str) -> Describe:
    """Describes a row by an event whose fields have the columns' names."""
    fields = [name for name in event_type.model_fields if name not in (id_field, "by")]  # type: ignore[attr-defined]

    def describe(row: Row, by: ChangedBy) -> Event:
        values = {name: row[name] for name in fields}
        return event_type(**{id_field: row["id"]}, **values, by=by)

    return describe


def _product_changed(row: Row, by: ChangedBy) -> Event:
    fields = ("company_id", "name", "category", "delivered", "term_months", "active", "vat")
    price = Money(amount=row["price"], currency=row["currency"])
    values = {name: row[name] for name in fields}
    costs = [ProductCost.model_validate(cost) for cost in row["costs"]]
    return ProductChanged(product_id=row["id"], price=price, costs=costs, **values, by=by)


def _source_cost_changed(row: Row, by: ChangedBy) -> Event:
    fields = ("source_id", "company_id", "room_id", "first_on", "last_on", "removed")
    return SourceCostChanged(
        source_cost_id=row["id"],
        amount=Money(amount=row["amount"], currency=row["currency"]),
        has_note=row["note"] is not None,
        **{name: row[name] for name in fields},
        by=by,
    )


def _employee_described(row: Row, _: ChangedBy) -> Event:
    return PersonDescribed(kind="employee", name=row["name"], emails=[row["email"]])


def _client_described(row: Row, _: ChangedBy) -> Event:
    fields = ("name", "phones", "emails", "inn")
    return PersonDescribed(kind="client", **{name: row[name] for name in fields})


def _contact_described(row: Row, _: ChangedBy) -> Event:
    return ContactPersonDescribed(
        **{name: row[name] for name in ContactPersonDescribed.model_fields}
    )


_client_changed = _event(ClientChanged, "client_id")


def _client_told(row: Row, by: ChangedBy) -> Event:
    """How a client is; of one that was merged, only into whom."""
    if row["merged_into"] is None:
        return _client_changed(row, by)
    into, room_ids = row["merged_into"], row["room_ids"]
    return ClientMerged(client_id=row["id"], into_client_id=into, room_ids=room_ids, by=by)


_DIRECTORY: Mapping[str, Sequence[Describe]] = {
    "tenant": [_event(TenantChanged, "tenant_id")],
    "company": [_event(CompanyChanged, "company_id")],
    "room": [_event(RoomChanged, "room_id")],
    "employee": [_event(EmployeeChanged, "employee_id"), _employee_described],
    "product": [_product_changed],
    "source": [_event(SourceChanged, "source_id")],
    "source_cost": [_source_cost_changed],
    "contact_person": [_event(ContactPersonChanged, "contact_person_id"), _contact_described],
    "loss_reason": [_event(LossReasonChanged, "loss_reason_id")],
    "custom_field": [_event(CustomFieldChanged, "custom_field_id")],
    "absence": [_event(AbsenceChanged, "absence_id")],
    "client": [_client_told, _client_described],
}
