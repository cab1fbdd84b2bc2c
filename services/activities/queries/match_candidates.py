"""Invoices that payments from outside may pay, found by index for many payments at once: those of
the payers' INNs, those with the very numbers that purposes name, those named by id.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, select, true, union

from services.activities.domain.activity import Activity
from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.match_reasons import Candidate
from services.activities.domain.matching import mentions_of
from services.activities.storage.mapping import activity_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client, client_identity
from services.activities.storage.tables.directory import company
from services.activities.storage.tables.money import invoice_number
from shared.clock import local_day
from shared.db import BulkRows, Tx, compiled
from shared.ids import ActivityId
from shared.paper_numbers import search_number

NEWEST = 200
"""Activities of one client that are looked at: those with the latest progress."""
MOST_OF_A_NUMBER = 20
"""Invoices with one number that are looked at: companies may give the same, each year anew."""

_NOTHING = Decimal(0)
_a, _n, _ci = activity.c, invoice_number.c, client_identity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_companies = any_(bindparam("companies", type_=ARRAY(Uuid)))
_newest = (
    select(_a.id, _a.company_id)
    .where(_a.tenant_id == _tenant_id, _a.client_id == _ci.client_id)
    .order_by(_a.progress_at.desc(), _a.id.desc())
    .limit(NEWEST)
    .correlate(client_identity)
    .lateral("newest")
)
_of_payers = (
    select(_newest.c.id)
    .select_from(client_identity.join(_newest, true()))
    .where(
        _ci.tenant_id == _tenant_id,
        _ci.kind == "inn",
        _ci.value == any_(bindparam("inns", type_=ARRAY(Text))),
        _newest.c.company_id == _companies,
    )
)
_forms = BulkRows("mention", {"form": Text()})
_with_form = (
    select(_n.activity_id)
    .where(
        _n.tenant_id == _tenant_id,
        _n.search_number == _forms.c.form,
        _n.company_id == _companies,
    )
    .limit(MOST_OF_A_NUMBER)
    .correlate(_forms.table)
    .lateral("with_form")
)
_of_numbers = select(_with_form.c.activity_id.label("id")).select_from(
    _forms.table.join(_with_form, true())
)
_of_invoices = select(_n.activity_id.label("id")).where(
    _n.tenant_id == _tenant_id,
    _n.invoice_id == any_(bindparam("invoice_ids", type_=ARRAY(Uuid))),
)
_ids = union(_of_payers, _of_numbers, _of_invoices).subquery("candidate")
CANDIDATES = compiled(
    select(
        activity,
        client.c.inn.label("client_inn"),
        client.c.name.label("client_name"),
        company.c.time_zone,
    )
    .select_from(
        _ids.join(activity, _a.id == _ids.c.id)
        .join(client, (client.c.tenant_id == _a.tenant_id) & (client.c.id == _a.client_id))
        .join(company, (company.c.tenant_id == _a.tenant_id) & (company.c.id == _a.company_id))
    )
    .where(_a.tenant_id == _tenant_id, func.jsonb_array_length(_a.trade["invoices"]) > 0)
)


@dataclass(frozen=True, slots=True)
class CandidateClient:
    """Whose an activity is."""

    id: UUID
    name: str
    inn: str | None


@dataclass(slots=True)
class Candidates:
    """The invoices that some payments may pay, by activity."""

    by_activity: dict[ActivityId, list[Candidate]] = field(default_factory=dict)
    clients: dict[ActivityId, CandidateClient] = field(default_factory=dict)
    numbers: dict[UUID | None, str | None] = field(default_factory=dict)
    """Of the invoices, as they are written."""
    _of_payer: dict[str | None, set[ActivityId]] = field(default_factory=lambda: defaultdict(set))
    _of_form: dict[str, set[ActivityId]] = field(default_factory=lambda: defaultdict(set))
    _of_invoice: dict[UUID, ActivityId] = field(default_factory=dict)

    def put(self, activity_id: ActivityId, candidates: Sequence[Candidate]) -> None:
        """Takes the invoices of an activity as they are now."""
        self.by_activity[activity_id] = list(candidates)
        for candidate in candidates:
            self._of_payer[candidate.client_inn].add(activity_id)
            self._of_form[candidate.form].add(activity_id)
            self._of_invoice[candidate.invoice_id] = activity_id

    def refresh(self, activity: Activity, time_zone: str) -> None:
        """Takes the invoices of an activity, which is known, as they have become."""
        inn = self.clients[activity.id].inn
        self.put(activity.id, candidates_in(activity, inn, time_zone))

    def of(self, payment: InboundPayment) -> list[Candidate]:
        """Those that one of the payments may pay."""
        ids = set(self._of_payer.get(payment.payer.inn, ())) if payment.payer.inn else set()
        for mention in mentions_of(payment):
            ids |= self._of_form.get(mention.form, set())
        if payment.invoice_id in self._of_invoice:
            ids.add(self._of_invoice[payment.invoice_id])
        return [candidate for id_ in ids for candidate in self.by_activity[id_]]


async def find_candidates(tx: Tx, payments: Iterable[InboundPayment]) -> Candidates:
    """The invoices that `payments` may pay, in one trip."""
    all_payments = list(payments)
    forms = {mention.form for payment in all_payments for mention in mentions_of(payment)}
    rows = await tx.rows(
        CANDIDATES,
        companies=sorted({payment.company_id for payment in all_payments}),
        inns=sorted({payment.payer.inn for payment in all_payments if payment.payer.inn}),
        **_forms.of({"form": form} for form in sorted(forms)),
        invoice_ids=sorted({payment.invoice_id for payment in all_payments if payment.invoice_id}),
    )
    candidates = Candidates()
    for row in rows:
        stored = activity_of(row)
        owner = CandidateClient(row["client_id"], row["client_name"], row["client_inn"])
        candidates.clients[stored.id] = owner
        candidates.numbers |= {invoice.id: invoice.number for invoice in stored.trade.invoices}
        candidates.put(stored.id, candidates_in(stored, owner.inn, row["time_zone"]))
    return candidates


def candidates_in(activity: Activity, client_inn: str | None, time_zone: str) -> list[Candidate]:
    """The invoices of an activity; `time_zone` is its company's."""
    covered = activity.covered_by_invoice
    return [
        Candidate(
            invoice.id,
            activity.id,
            activity.company_id,
            search_number(invoice.number or ""),
            local_day(invoice.issued_at, time_zone),
            client_inn,
            activity.currency,
            invoice.amount.amount - covered.get(invoice.id, _NOTHING),
            covered.get(invoice.id, _NOTHING),
            invoice.cancelled,
        )
        for invoice in activity.trade.invoices
    ]
