"""The codes that rules, events and the API share, each once."""

from typing import Literal

Role = Literal["seller", "head", "marketer", "accountant", "admin"]
SourceKind = Literal["cold", "inbound", "renewal"]
ClientKind = Literal["organization", "person"]
ClientCheckStatus = Literal["free", "in_work", "vip"]
"""What a blind check tells of a client: nobody works it, somebody does, a seller holds it."""
CustomFieldKind = Literal["text", "number", "money", "date", "boolean", "choice"]
"""What a company's own field of its clients holds."""
ConsentKind = Literal["given", "withdrawn", "do_not_call", "calls_allowed"]
"""What somebody says about being called: a consent to it is given or withdrawn, calls are forbidden
or allowed again."""
ConsentSubject = Literal["phone", "client"]
"""What a word about being called holds for: one phone, whoever has it, or one client."""
PersonKind = Literal["employee", "client"]

Status = Literal["free", "in_work", "won", "lost"]
Stage = Literal[
    "new", "in_work", "invoiced", "part_paid", "paid", "shipped", "documents_signed", "won", "lost"
]
How = Literal["taken", "assigned", "vip_routed", "registered", "handed_over", "renewed"]
"""The way by which an activity came to its responsible."""
Sale = Literal["first", "repeat", "renewal"]
AbsenceKind = Literal["vacation", "illness", "business_trip", "other"]
InteractionKind = Literal["call", "meeting", "message", "letter", "note"]
CallDirection = Literal["incoming", "outgoing", "internal"]
"""Who called whom: a client us, one of our people a client, or one of our people another."""
CallOutcome = Literal["answered", "missed"]
"""How a call ended: somebody talked, or nobody did."""
StepEnd = Literal["kept", "moved", "dropped"]
"""What became of a promised next step."""
DocumentState = Literal["sent", "signed", "returned"]
PaymentState = Literal["claimed", "confirmed", "struck"]
"""Entered by a seller and waiting for an accountant; counted; or entered by mistake."""
ListedPaymentState = Literal["claimed", "confirmed", "struck", "unmatched"]
"""Of payments in the list of payments: those of activities, or from outside and of none yet."""
PaymentDirection = Literal["in", "out"]
"""Money that came, or that left."""
PaymentOrigin = Literal["statement", "api", "bus"]
"""Who told of a payment first: a file of the bank, a sender by HTTP, a sender on the bus; a sender,
where one told of it before it was decided on."""
InboundPaymentState = Literal["unmatched", "booked", "duplicate", "set_aside"]
"""Of a payment from outside: waiting for its invoice, recorded on an activity, none of a sale; a
`duplicate` is a second report from the time when each was a payment of its own."""
MatchCertainty = Literal["sure", "suggested", "none"]
"""Whether a payment's invoice is known: it is booked by itself, by one press, or looked for."""
MatchReason = Literal[
    "external_id",
    "invoice_id",
    "number",
    "number_end",
    "issue_day",
    "payer_inn",
    "payer_unknown",
    "other_payer",
    "sum",
    "part",
    "overpaid",
    "paid",
    "cancelled",
    "split",
]
"""What speaks for an invoice as the one that a payment pays, and what is to be known of it: the
payment is recorded under the sender's id; the invoice's id, its number or the end of that, the day
and the payer agree, the payer is another or unknown; the payment is the sum that is due, a part of
it or more, all is paid already, the invoice is cancelled, several are paid."""
BankLineKind = Literal["incoming", "refund_candidate", "outgoing", "transfer", "other"]
"""What a payment of a bank statement is to us: money that came; money that may have gone back to a
client; other money that went out; money between our own accounts; what has not come, or names no
account of ours."""
BankLineState = Literal["sure", "suggested", "unmatched", "booked", "ignored"]
"""Matched beyond doubt, matched with a doubt, not matched; booked as payments; not a payment of a
client."""
BankStatementState = Literal["reading", "ready", "incomplete"]
"""Being read by its job; read; or its job ended before it was through."""
PaymentConfirmation = Literal["required", "none"]
"""Whether money that a seller enters counts only once it is confirmed."""
OverdueKind = Literal["next_step", "invoice"]
VatMode = Literal["general", "reduced_5", "reduced_7", "none"]
"""How a company pays value added tax: in general, by a reduced rate of the simplified system, or
not at all."""
VatCategory = Literal["standard", "reduced", "zero", "exempt"]
"""What the tax of a product follows: the standard rate, 10 %, 0 %, or none."""

RenewalStatus = Literal["scheduled", "taken", "opened", "withdrawn"]
"""Scheduled until it becomes an activity: taken ahead by a seller, or opened by itself on its day;
withdrawn where the client will not renew."""
RenewalWithdrawal = Literal["by_hand", "win_reversed", "refunded"]
"""Why a renewal is withdrawn: somebody said so, what it continues is no longer won, or the money
for its products went back."""

VipKind = Literal["in_development", "by_receipts"]
VipReleaseReason = Literal[
    "released",
    "taken_away",
    "outranked",
    "reset",
    "holder_left",
    "no_place",
    "merged",
    "grouped",
    "left_group",
]

VipChangeKind = Literal["claimed", "kind_changed", "released", "reset_warned"]
"""What became of a VIP, besides progress."""

EntryKind = Literal["accrual", "correction", "adjustment"]
PeriodState = Literal["open", "closed", "approved", "paid"]
"""Of a company's month: pay is posted into it; final; released to payroll; paid out."""
ClosingFinding = Literal[
    "activities_unavailable",
    "consumer_parked",
    "events_behind",
    "pay_refused",
    "pay_pending",
    "month_end_pending",
    "adjustments_proposed",
    "wins_without_plan",
    "nobody_responsible",
    "cost_unknown",
    "claimed_money",
    "unmatched_money",
    "open_disputes",
    "negative_totals",
    "no_personnel_number",
]
"""What is to be known before a month is closed: sales can't be compared; events of the tenant are
put aside, or not all applied; pay was refused, or waits for a job; adjustments wait for a second
person; wins have no plan or no seller, or products without the cost or
the VAT that their plan looks at; money waits for confirmation or for its invoice; disputes
wait for an answer; somebody's total is below nothing, or payroll has no number for them."""
FindingSeverity = Literal["blocks", "warns"]
"""Whether a month can't be closed as long as it is so, or only by who accepts it."""
DisputeState = Literal["open", "answered", "resolved"]
"""Of a dispute over a line of pay: waiting for the head, answered, at its end."""
DisputeOutcome = Literal["adjusted", "declined", "withdrawn"]
"""How a dispute ended: by an adjustment, without one, or taken back by who opened it."""
DisputeStep = Literal["opened", "answered", "resolved", "reopened"]
"""What happened to a dispute; it opens again where the adjustment that resolved it is rejected."""
PayoutOutcome = Literal["accepted", "rejected", "paid"]
"""What payroll made of a statement: taken over, sent back, or paid."""
StatementState = Literal["open", "closed", "approved", "accepted", "rejected", "paid"]
"""Where a statement is between its first entry and the employee's money."""
AdjustmentState = Literal["proposed", "posted", "rejected"]
"""Of an adjustment by hand: waiting for a second person, in the ledger, or refused by them."""
PlanStatus = Literal["draft", "published"]
PayBase = Literal["receipts", "net_of_vat", "margin"]
"""The money of a sale that a rule pays for: what came net of refunds; without its value added tax;
less what the products cost too."""
AttainmentMeasure = Literal["receipts", "net_of_vat", "margin", "count"]
"""What a month's attainment, or a target, is a sum of; `count` is of sales."""
AttainmentScope = Literal["seller", "room"]
"""Whose sales are attained."""
BoundUnit = Literal["amount", "percent_of_target"]
"""Whether bounds of tiers are amounts of the measure or percent of the target."""
CreditedDeals = Literal["matching", "all"]
"""Which sales count towards the attainment: those that match the rule, or all."""
TierMode = Literal["marginal", "retroactive"]
"""Whether each part of the attainment has the rate of its own tier, or all of it the rate of the
tier that was reached."""

JobState = Literal["queued", "running", "cancelling", "cancelled", "succeeded", "failed"]

NotificationKind = Literal[
    "next_step",
    "reset_warning",
    "taken_away",
    "assigned",
    "pool",
    "payment",
    "accrual",
    "dispute_answered",
    "untouched",
    "step_overdue",
    "vip_moved",
    "split_proposed",
    "split_answered",
]
"""What a person is notified of: `vip_moved` of a VIP's other kind of place, `split_proposed` of
pay that a colleague wants to share, `split_answered` of what came of it. `untouched` and
`step_overdue` go to who heads the room."""
NotificationChannel = Literal["email", "push", "messenger"]
"""The ways by which a notification reaches a person besides their list of them."""
Language = Literal["ru", "en"]

AuditActorKind = Literal["employee", "api_key", "operator", "anonymous"]
AuditOutcome = Literal["done", "refused", "failed"]
SecondFactorPolicy = Literal["nobody", "admins", "everyone"]
"""Who of a tenant's people needs a second factor."""
RoomSetting = Literal[
    "activity_reset_days",
    "retake_cooldown_seconds",
    "vip_in_development_limit",
    "vip_by_receipts_limit",
    "vip_reset_days",
    "renewal_horizon_days",
]
"""The names of the six numbers."""

InboundChannel = Literal["request", "form", "call"]
InboundState = Literal["registered", "added", "unprocessed", "resolved", "dismissed"]
"""What became of a message from outside: an activity was registered, or it was added to one that is
open; or it waited for a person, who named an activity or dismissed it."""
InboundReason = Literal[
    "no_contact",
    "unusable_contact",
    "unreadable",
    "unknown_form",
    "no_room",
    "no_company",
    "no_source",
    "several_clients",
    "too_long",
    "refused",
]
"""Why a message waits for a person."""
