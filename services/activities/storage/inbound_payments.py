"""Payments from outside as rows: each once, whoever reports it, and locked to be decided on.

Who enters payments locks their companies first, so that two reports of one payment never look at
the same moment; the payments are locked then, in the order of their ids, and their activities last.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Text, Uuid, any_, bindparam, func, select, union

from services.activities.domain.inbound_payments import (
    InboundPayment,
    LineKey,
    Payer,
    reported_kind,
)
from services.activities.domain.payment_identity import (
    KnownPayment,
    KnownPayments,
    fingerprint_of,
)
from services.activities.storage.tables.directory import company
from services.activities.storage.tables.inbound_payments import (
    inbound_payment,
    inbound_payment_report,
)
from services.activities.storage.tables.money import invoice_number
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.money import Money

_i, _r = inbound_payment.c, inbound_payment_report.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_BY_EXTERNAL_ID = compiled(
    select(inbound_payment, _r.external_id.label("reported_id"))
    .join(
        inbound_payment_report,
        (_r.tenant_id == _i.tenant_id) & (_r.inbound_payment_id == _i.id),
    )
    .where(
        _r.tenant_id == _tenant_id,
        _r.external_id == any_(bindparam("external_ids", type_=ARRAY(Text))),
    )
)
_of_fingerprints = select(_i.id).where(
    _i.tenant_id == _tenant_id,
    _i.fingerprint == any_(bindparam("fingerprints", type_=ARRAY(Text))),
    _i.fingerprint.is_not(None),
    _i.state != "duplicate",
)
_of_lines = select(_i.id).where(
    _i.tenant_id == _tenant_id,
    _i.line_identity == any_(bindparam("identities", type_=ARRAY(LargeBinary))),
    _i.line_identity.is_not(None),
)
_ids = union(_of_fingerprints, _of_lines).subquery("known")
_senders = (
    select(func.array_agg(_r.sender))
    .where(_r.tenant_id == _i.tenant_id, _r.inbound_payment_id == _i.id)
    .correlate(inbound_payment)
    .scalar_subquery()
)
KNOWN = compiled(
    select(
        _i.id,
        _i.state,
        _i.version,
        _i.fingerprint,
        _i.ordinal,
        _i.own_account,
        _i.line_identity,
        _i.line_ordinal,
        _senders.label("senders"),
    )
    .join(_ids, _i.id == _ids.c.id)
    .where(_i.tenant_id == _tenant_id)
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
# Nobody waits for it who only refers to a company.
_LOCK_COMPANIES = compiled(
    select(company.c.id, company.c.currency, company.c.time_zone)
    .where(
        company.c.tenant_id == _tenant_id,
        company.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
    .order_by(company.c.id)
    .with_for_update(key_share=True)
)
_INVOICE = compiled(
    select(invoice_number.c.number).where(
        invoice_number.c.tenant_id == _tenant_id,
        invoice_number.c.invoice_id == bindparam("invoice_id", type_=Uuid),
        invoice_number.c.company_id == bindparam("company_id", type_=Uuid),
    )
)
PAYMENT_FIELDS = (
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
PAYER_FIELDS = ("inn", "kpp", "account", "name")


def payment_of(row: Mapping[str, Any]) -> InboundPayment:
    """The payment in a row, as its sender reported it."""
    return InboundPayment(
        amount=Money.build(amount=row["amount"], currency=row["currency"]),
        payer=Payer(**{name: row[f"payer_{name}"] for name in PAYER_FIELDS}),
        kind=row["kind"] or reported_kind(row["direction"]),
        line=_line_of(row),
        **{name: row[name] for name in PAYMENT_FIELDS},
    )


async def lock_companies(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Row]:
    """The companies' currencies and time zones, by id; locked against all others who enter
    payments of theirs.
    """
    await tx.read_clock()
    return {row["id"]: row for row in await tx.rows(_LOCK_COMPANIES, ids=sorted(set(ids)))}


async def has_invoice(tx: Tx, company_id: UUID, invoice_id: UUID) -> bool:
    """Whether the company has issued an invoice of that id."""
    return bool(await tx.rows(_INVOICE, company_id=company_id, invoice_id=invoice_id))


async def find_reported(tx: Tx, external_ids: Sequence[str]) -> dict[str, Row]:
    """The payments that were reported under the senders' ids."""
    rows = await tx.rows(_BY_EXTERNAL_ID, external_ids=list(external_ids)) if external_ids else []
    return {row["reported_id"]: row for row in rows}


async def find_known(tx: Tx, payments: Iterable[InboundPayment]) -> KnownPayments:
    """The payments of which reports of `payments` may be."""
    fingerprints, identities = set(), set()
    for payment in payments:
        fingerprints.add(fingerprint_of(payment))
        if payment.line:
            identities.add(payment.line.identity)
    rows = await tx.rows(
        KNOWN, fingerprints=sorted(fingerprints - {None}), identities=sorted(identities)
    )
    return KnownPayments(map(_known, rows))


async def lock(tx: Tx, ids: Iterable[UUID]) -> list[Row]:
    """The payments, locked in the order of their ids; those that are not there are left out."""
    return await tx.rows(_LOCK, ids=list(ids))


def _known(row: Row) -> KnownPayment:
    return KnownPayment(
        row["id"],
        row["state"],
        row["fingerprint"],
        row["ordinal"],
        row["own_account"],
        _line_of(row),
        frozenset(row["senders"] or ()),
        row["version"] == 1,
    )


def _line_of(row: Mapping[str, Any]) -> LineKey | None:
    identity = row["line_identity"]
    return LineKey(bytes(identity), row["line_ordinal"]) if identity is not None else None
