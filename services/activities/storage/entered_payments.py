"""What reports of payments from outside bring: new payments, and who told of those there are."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, case, func, insert, or_, select, update

from services.activities.domain.inbound_payments import InboundPayment, first_state
from services.activities.domain.payment_identity import KnownPayment, fingerprint_of
from services.activities.storage.inbound_payments import PAYER_FIELDS, PAYMENT_FIELDS
from services.activities.storage.tables.inbound_payments import (
    inbound_payment,
    inbound_payment_report,
)
from shared.db import BulkRows, Tx, compiled
from shared.ids import EmployeeId
from shared.vocabulary import MatchCertainty

_i, _r = inbound_payment.c, inbound_payment_report.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_payments = BulkRows(
    "payment", {column.name: column.type for column in _i if column.name != "tenant_id"}
)
_ADD = compiled(
    insert(inbound_payment).from_select(
        ["tenant_id", *_payments.c.keys()], select(_tenant_id, *_payments.c)
    )
)
_reports = BulkRows(
    "report", {column.name: column.type for column in _r if column.name != "tenant_id"}
)
_ADD_REPORTS = compiled(
    insert(inbound_payment_report).from_select(
        ["tenant_id", *_reports.c.keys()], select(_tenant_id, *_reports.c)
    )
)
# What a sender left out, the bank says.
_SAID_BY_BANK = (
    "own_account",
    "document_on",
    "kind",
    *(f"payer_{name}" for name in PAYER_FIELDS),
)
_lines = BulkRows(
    "line",
    {
        name: _i[name].type
        for name in ("id", "line_identity", "line_ordinal", "purpose", *_SAID_BY_BANK)
    },
)
_JOIN_LINES = compiled(
    update(inbound_payment)
    .where(_i.tenant_id == _tenant_id, _i.id == _lines.c.id)
    .values(
        line_identity=_lines.c.line_identity,
        line_ordinal=_lines.c.line_ordinal,
        purpose=case((_i.purpose == "", _lines.c.purpose), else_=_i.purpose),
        **{name: func.coalesce(_i[name], _lines.c[name]) for name in _SAID_BY_BANK},
    )
)
_told = BulkRows(
    "told",
    {
        name: _i[name].type
        for name in ("id", "origin", "external_id", "kind", "invoice_id", "invoice_number")
    },
)
_t = _told.c
_undecided = _i.version == 1
# A sender knows that money that went out is a client's, which a statement's line does not say.
_is_revived = and_(_undecided, _i.state == "set_aside", _i.kind == "outgoing")
_takes_id = and_(_undecided, _i.origin == "statement", or_(_i.state == "unmatched", _is_revived))
_JOIN_REPORTS = compiled(
    update(inbound_payment)
    .where(_i.tenant_id == _tenant_id, _i.id == _t.id)
    .values(
        origin=case((_takes_id, _t.origin), else_=_i.origin),
        external_id=case((_takes_id, _t.external_id), else_=_i.external_id),
        kind=case((_is_revived, _t.kind), else_=_i.kind),
        state=case((_is_revived, "unmatched"), else_=_i.state),
        invoice_id=func.coalesce(_i.invoice_id, _t.invoice_id),
        invoice_number=func.coalesce(_i.invoice_number, _t.invoice_number),
    )
)


async def add(
    tx: Tx,
    new: Sequence[tuple[KnownPayment, InboundPayment]],
    certainties: Mapping[str, MatchCertainty],
    by: EmployeeId | None,
) -> None:
    """Adds payments that nobody has told of; `certainties` are by the senders' ids."""
    rows = [_values(tx, known, payment, certainties, by) for known, payment in new]
    if rows:
        await tx.rows(_ADD, **_payments.of(rows))


async def add_reports(
    tx: Tx, reports: Sequence[tuple[UUID, InboundPayment]], sender: str, by: EmployeeId | None
) -> None:
    """Adds that `sender` told of payments, by their ids. Somebody else's use of a sender's id at
    this moment shows as the statement runs.
    """
    rows = [
        {
            "external_id": payment.external_id,
            "inbound_payment_id": id_,
            "origin": payment.origin,
            "sender": sender,
            "entered_at": tx.now,
            "entered_by": by,
        }
        for id_, payment in reports
    ]
    if rows:
        await tx.rows(_ADD_REPORTS, **_reports.of(rows))


async def join(tx: Tx, joined: Sequence[tuple[UUID, InboundPayment]]) -> None:
    """Writes what further reports say of locked payments, by their ids: the keys of lines; of the
    others the sender's id, where nothing was decided yet, and the invoice that they name.
    """
    lines = [(id_, payment) for id_, payment in joined if payment.line]
    reports = [(id_, payment) for id_, payment in joined if not payment.line]
    if lines:
        await tx.rows(_JOIN_LINES, **_lines.of(_line_values(*line) for line in lines))
    if reports:
        names = ("origin", "external_id", "kind", "invoice_id", "invoice_number")
        rows = [
            {"id": id_, **{name: getattr(payment, name) for name in names}}
            for id_, payment in reports
        ]
        await tx.rows(_JOIN_REPORTS, **_told.of(rows))


def _line_values(id_: UUID, payment: InboundPayment) -> dict[str, Any]:
    names = ("purpose", "own_account", "document_on", "kind")
    return {
        "id": id_,
        **_key(payment),
        **{name: getattr(payment, name) for name in names},
        **{f"payer_{name}": getattr(payment.payer, name) for name in PAYER_FIELDS},
    }


def _key(payment: InboundPayment) -> dict[str, Any]:
    line = payment.line
    return {
        "line_identity": line.identity if line else None,
        "line_ordinal": line.ordinal if line else None,
    }


def _values(
    tx: Tx,
    known: KnownPayment,
    payment: InboundPayment,
    certainties: Mapping[str, MatchCertainty],
    by: EmployeeId | None,
) -> dict[str, Any]:
    return {
        **{name: getattr(payment, name) for name in PAYMENT_FIELDS},
        **{f"payer_{name}": getattr(payment.payer, name) for name in PAYER_FIELDS},
        **_key(payment),
        "id": known.id,
        "version": 1,
        "fingerprint": fingerprint_of(payment),
        "ordinal": known.ordinal,
        "kind": payment.kind,
        "amount": payment.amount.amount,
        "currency": payment.amount.currency,
        "state": first_state(payment.kind),
        "certainty": certainties.get(payment.external_id),
        "duplicate_of": None,
        "entered_at": tx.now,
        "entered_by": by,
    }
