"""Payments from outside as rows: entered once per sender's id, locked to be decided on, and what
was decided.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from services.activities.domain.inbound_payments import (
    EarlierReport,
    InboundPayment,
    Payer,
    Place,
    fingerprint_of,
    place_of,
)
from services.activities.storage.tables.bank import bank_line
from services.activities.storage.tables.directory import company
from services.activities.storage.tables.inbound_payments import inbound_payment
from services.activities.storage.tables.money import invoice_number
from shared.db import BulkRows, Tx, compiled
from shared.db.transaction import Row, VersionConflict
from shared.ids import EmployeeId, new_id
from shared.money import Money

_TRIES = 10
"""How often others may report the same payments at the same moment."""

_i, _l = inbound_payment.c, bank_line.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_payments = BulkRows(
    "payment", {column.name: column.type for column in _i if column.name != "tenant_id"}
)
# In the order of the sender's ids: two who enter the same ones wait for each other, no more.
_ENTER = compiled(
    insert(inbound_payment)
    .from_select(
        ["tenant_id", *_payments.c.keys()],
        select(_tenant_id, *_payments.c).order_by(_payments.c.external_id),
    )
    .on_conflict_do_nothing()
    .returning(_i.external_id)
)
_BY_EXTERNAL_ID = compiled(
    select(inbound_payment, func.clock_timestamp().label("now")).where(
        _i.tenant_id == _tenant_id,
        _i.external_id == any_(bindparam("external_ids", type_=ARRAY(Text))),
    )
)
_WITH_FINGERPRINT = compiled(
    select(_i.id, _i.origin, _i.ordinal, _i.state, _i.fingerprint).where(
        _i.tenant_id == _tenant_id,
        _i.fingerprint == any_(bindparam("fingerprints", type_=ARRAY(Text))),
    )
)
_BY_IDS = compiled(
    select(_i.id, _i.external_id).where(
        _i.tenant_id == _tenant_id, _i.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_LOCK = compiled(
    select(inbound_payment)
    .where(
        _i.tenant_id == _tenant_id,
        _i.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
    .order_by(_i.id)
    .with_for_update()
)
_COMPANIES = compiled(
    select(company.c.id, company.c.currency, company.c.time_zone).where(
        company.c.tenant_id == _tenant_id,
        company.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
)
_INVOICE = compiled(
    select(invoice_number.c.number).where(
        invoice_number.c.tenant_id == _tenant_id,
        invoice_number.c.invoice_id == bindparam("invoice_id", type_=Uuid),
        invoice_number.c.company_id == bindparam("company_id", type_=Uuid),
    )
)
_orders = BulkRows(
    "order", {name: _l[name].type for name in ("company_id", "document_on", "amount")}
)
_LINES = compiled(
    select(bank_line)
    .join(
        _orders.table,
        (_l.company_id == _orders.c.company_id)
        & (_l.document_on == _orders.c.document_on)
        & (_l.amount == _orders.c.amount),
    )
    .where(_l.tenant_id == _tenant_id, _l.kind == "incoming")
    .order_by(_l.id)
)
_PAYMENT_FIELDS = (
    "origin",
    "external_id",
    "company_id",
    "direction",
    "received_on",
    "purpose",
    "document_number",
    "document_on",
    "own_account",
    "invoice_id",
    "invoice_number",
)
_PAYER_FIELDS = ("inn", "kpp", "account", "name")


def payment_of(row: Mapping[str, Any]) -> InboundPayment:
    """The payment in a row, as its sender reported it."""
    return InboundPayment(
        amount=Money.build(amount=row["amount"], currency=row["currency"]),
        payer=Payer(**{name: row[f"payer_{name}"] for name in _PAYER_FIELDS}),
        **{name: row[name] for name in _PAYMENT_FIELDS},
    )


async def enter(
    tx: Tx, payments: Sequence[InboundPayment], by: EmployeeId | None
) -> tuple[dict[str, Row], set[str]]:
    """Enters those that no sender's id is known of. Returns the rows of all by the sender's id, and
    the ids of those that were there before.

    Raises `VersionConflict` where others enter the same ones all the time.
    """
    await tx.read_clock()
    by_id = {payment.external_id: payment for payment in payments}
    rows, before = {}, set()
    for attempt in range(_TRIES):
        stored = await tx.rows(_BY_EXTERNAL_ID, external_ids=list(by_id))
        rows = {row["external_id"]: row for row in stored}
        if attempt == 0:
            before = set(rows)
        missing = [payment for id_, payment in by_id.items() if id_ not in rows]
        if not missing:
            return rows, before
        entered = await _insert(tx, missing, by)
        before |= {payment.external_id for payment in missing} - entered
        before -= entered
    raise VersionConflict("created")


async def find_companies(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The companies' currencies and time zones, by id."""
    return {row["id"]: row for row in await tx.rows(_COMPANIES, ids=list(ids))}


async def has_invoice(tx: Tx, company_id: UUID, invoice_id: UUID) -> bool:
    """Whether the company has issued an invoice of that id."""
    return bool(await tx.rows(_INVOICE, company_id=company_id, invoice_id=invoice_id))


async def find_reported(tx: Tx, lines: Sequence[InboundPayment]) -> list[str | None]:
    """For each line of a statement the sender's id of the payment from outside that it repeats."""
    placed = await _placed(tx, lines)
    ids = [place.duplicate_of for _, place in placed if place.duplicate_of]
    rows = await tx.rows(_BY_IDS, ids=ids) if ids else []
    names = {row["id"]: row["external_id"] for row in rows}
    return [names.get(place.duplicate_of) for _, place in placed]


async def lock(tx: Tx, ids: Iterable[UUID]) -> list[Row]:
    """The payments, locked in the order of their ids; those that are not there are left out."""
    return await tx.rows(_LOCK, ids=list(ids))


async def _insert(tx: Tx, payments: Sequence[InboundPayment], by: EmployeeId | None) -> set[str]:
    """Those that were entered, by the sender's id. Somebody else has the id or the place of the
    others at this moment.
    """
    placed = await _placed(tx, payments)
    values = [_values(tx, payment, place, by) for payment, place in placed]
    rows = await tx.rows(_ENTER, **_payments.of(values))
    return {row["external_id"] for row in rows}


async def _placed(tx: Tx, payments: Sequence[InboundPayment]) -> list[tuple[InboundPayment, Place]]:
    prints = {payment.external_id: fingerprint_of(payment) for payment in payments}
    rows = await tx.rows(
        _WITH_FINGERPRINT, fingerprints=[value for value in prints.values() if value]
    )
    earlier: dict[str | None, list[EarlierReport]] = {}
    for row in rows:
        report = EarlierReport(
            row["id"], row["origin"], row["ordinal"], row["state"] != "duplicate"
        )
        earlier.setdefault(row["fingerprint"], []).append(report)
    await _add_lines(tx, payments, earlier)
    placed = []
    for payment in payments:
        fingerprint = prints[payment.external_id]
        reports = earlier.setdefault(fingerprint, []) if fingerprint else []
        place = place_of(payment, reports)
        reports.append(EarlierReport(new_id(), payment.origin, place.ordinal, False))
        placed.append((payment, place))
    return placed


async def _add_lines(
    tx: Tx, payments: Sequence[InboundPayment], earlier: dict[str | None, list[EarlierReport]]
) -> None:
    """Adds the lines of bank statements that are the same payment orders."""
    orders = [
        {
            "company_id": payment.company_id,
            "document_on": payment.document_on or payment.received_on,
            "amount": payment.amount.amount,
        }
        for payment in payments
        if payment.origin != "statement" and fingerprint_of(payment)
    ]
    rows = {
        row["id"]: row for row in (await tx.rows(_LINES, **_orders.of(orders)) if orders else [])
    }
    for row in rows.values():
        reports = earlier.setdefault(fingerprint_of(_line(row)), [])
        ordinal = sum(report.origin == "statement" for report in reports)
        reports.append(EarlierReport(row["id"], "statement", ordinal, row["state"] != "ignored"))


def _line(row: Row) -> InboundPayment:
    """The payment in a line of a bank statement."""
    return InboundPayment(
        "statement",
        row["identity"].hex(),
        row["company_id"],
        "in",
        Money.build(amount=row["amount"], currency=row["currency"]),
        row["operation_on"],
        Payer(row["other_inn"], row["other_kpp"], row["other_account"], row["other_name"]),
        row["purpose"],
        row["document_number"],
        row["document_on"],
    )


def _values(tx: Tx, payment: InboundPayment, place: Place, by: EmployeeId | None) -> dict[str, Any]:
    return {
        **{name: getattr(payment, name) for name in _PAYMENT_FIELDS},
        **{f"payer_{name}": getattr(payment.payer, name) for name in _PAYER_FIELDS},
        "id": new_id(),
        "version": 1,
        "fingerprint": fingerprint_of(payment),
        "ordinal": place.ordinal,
        "amount": payment.amount.amount,
        "currency": payment.amount.currency,
        "state": "duplicate" if place.duplicate_of else "unmatched",
        "certainty": None,
        "duplicate_of": place.duplicate_of,
        "entered_at": tx.now,
        "entered_by": by,
    }
