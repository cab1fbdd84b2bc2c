"""What a payroll system answers for statements. Kept for 30 days: motivation keeps what it has
taken in.

A reason may name people, so the topic is no place for whoever else: see ADR 52.
"""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.clock import Period
from shared.events.base import INBOUND_PAYOUTS, Event, State
from shared.ids import CompanyId
from shared.money import MoneySum
from shared.text import Line
from shared.vocabulary import PayoutOutcome


class ReportedPayoutLine(State):
    """Payroll's answer for one statement."""

    statement_id: UUID
    outcome: PayoutOutcome
    amount: MoneySum
    reference: Line | None = None
    reason: Line | None = None


class PayoutReported(Event, type="payout.reported", topic=INBOUND_PAYOUTS, noun="payout"):
    """Payroll answers for statements of an approved month: accepted, rejected, paid. It is taken in
    once per `payroll_id` in the tenant. Its subject is the company, so that answers stay in order.
    """

    payroll_id: Line
    company_id: CompanyId
    period: Period
    lines: Annotated[list[ReportedPayoutLine], Field(min_length=1, max_length=2000)]
