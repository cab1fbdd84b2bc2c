"""What may be done with a line of a bank statement."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.activities.domain.bank_line import (
    BankLine,
    LinePart,
    Proposal,
    booked,
    ignored,
    parts_to_book,
    require_lacking,
    require_place,
    undone,
)
from services.activities.domain.bank_refusals import (
    BankLineIsBooked,
    BankLineIsIgnored,
    BankLineIsUntouched,
    BankLineNotIncoming,
    InvoiceHasMoney,
    NothingProposed,
)
from services.activities.domain.trade import Invoice, Payment, Trade
from shared.errors import Invalid, NotFound
from shared.ids import ActivityId, CompanyId
from shared.money import Money
from shared.vocabulary import BankLineKind, BankLineState, PaymentState
from tests.support.money import roubles
from tests.unit.activities.builders import NOW, a_free

COMPANY = CompanyId(UUID(int=7))
FIRST, SECOND = ActivityId(UUID(int=1)), ActivityId(UUID(int=2))
INVOICE, OTHER_INVOICE = UUID(int=11), UUID(int=12)


def part(amount: int, of: ActivityId = FIRST, invoice_id: UUID | None = INVOICE) -> LinePart:
    return LinePart(of, invoice_id, roubles(amount))


def line(
    state: BankLineState = "unmatched", kind: BankLineKind = "incoming", *parts: LinePart
) -> BankLine:
    proposals = (Proposal(parts, ("sum",)),) if parts else ()
    return BankLine(
        UUID(int=5),
        b"\x01" * 32,
        3,
        COMPANY,
        kind,
        state,
        roubles(1000),
        date(2026, 11, 20),
        proposals,
        reason="было",
    )


def broken(error: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    (rule,) = error.value.extra["errors"]
    return rule["field"], rule["rule"]


def test_a_senders_id_follows_from_the_identity() -> None:
    assert line().external_id(2) == f"bank-{'01' * 20}-3-2"


def test_chosen_parts_are_booked_in_the_order_of_their_activities() -> None:
    chosen = [part(400, SECOND), part(600)]
    assert parts_to_book(line(), chosen) == (chosen[1], chosen[0])
    whole = part(600, FIRST, None)
    assert parts_to_book(line(), [part(400), whole]) == (part(400), whole)


def test_without_a_choice_the_likeliest_proposal_is_booked() -> None:
    proposed = line("suggested", "incoming", part(1000))
    assert parts_to_book(proposed, ()) == (part(1000),)
    with pytest.raises(NothingProposed):
        parts_to_book(line(), ())


@pytest.mark.parametrize("amounts", [(999,), (400, 599), (400, 601)])
def test_parts_add_up_to_the_line(amounts: tuple[int, ...]) -> None:
    chosen = [part(amount, ActivityId(UUID(int=n + 1))) for n, amount in enumerate(amounts)]
    with pytest.raises(Invalid) as refused:
        parts_to_book(line(), chosen)
    assert broken(refused) == ("parts", "adds_up")
    (rule,) = refused.value.extra["errors"]
    assert rule["amount"] == {"amount": "1000.00", "currency": "RUB"}


def test_a_part_is_there_once() -> None:
    with pytest.raises(Invalid) as refused:
        parts_to_book(line(), [part(500), part(500)])
    assert broken(refused) == ("parts.1", "distinct")


def test_a_part_is_in_the_currency_of_the_line() -> None:
    dollars = Money(amount=roubles(500).amount, currency="USD")
    with pytest.raises(Invalid) as refused:
        parts_to_book(line(), [part(500), LinePart(SECOND, None, dollars)])
    assert broken(refused) == ("parts.1.amount.currency", "line_currency")


@pytest.mark.parametrize(
    ("state", "kind", "refusal"),
    [
        ("booked", "incoming", BankLineIsBooked),
        ("ignored", "incoming", BankLineIsIgnored),
        ("ignored", "outgoing", BankLineNotIncoming),
        ("unmatched", "refund_candidate", BankLineNotIncoming),
        ("ignored", "transfer", BankLineNotIncoming),
        ("ignored", "other", BankLineNotIncoming),
    ],
)
def test_only_incoming_money_that_waits_is_booked(
    state: BankLineState, kind: BankLineKind, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        parts_to_book(line(state, kind), [part(1000)])


@pytest.mark.parametrize("state", ["sure", "suggested", "unmatched"])
def test_a_line_that_waits_is_booked_and_put_aside(state: BankLineState) -> None:
    waiting = line(state, "incoming", part(1000))
    done = booked(waiting, [part(1000)])
    assert (done.state, done.parts, done.reason) == ("booked", (part(1000),), None)
    aside = ignored(waiting, "займ")
    assert (aside.state, aside.reason) == ("ignored", "займ")
    assert ignored(aside, "депозит").reason == "депозит"
    with pytest.raises(BankLineIsBooked):
        ignored(done, "займ")
    with pytest.raises(BankLineIsUntouched):
        undone(waiting, "ошибка")


@pytest.mark.parametrize(("parts", "state"), [((part(1000),), "suggested"), ((), "unmatched")])
@pytest.mark.parametrize("done", ["booked", "ignored"])
def test_what_is_undone_waits_and_is_never_sure(
    done: BankLineState, parts: tuple[LinePart, ...], state: BankLineState
) -> None:
    back = undone(replace(line(done, "incoming", *parts), parts=(part(1000),)), "ошибка")
    assert (back.state, back.parts, back.reason) == (state, (), "ошибка")


def payment(
    number: int,
    amount: int,
    invoice_id: UUID | None = INVOICE,
    state: PaymentState = "claimed",
) -> Payment:
    return Payment(UUID(int=number), roubles(amount), invoice_id, NOW, None, state)


def invoice(amount: int, cancelled: bool = False) -> Invoice:
    return Invoice(INVOICE, roubles(amount), "1", None, NOW, cancelled)


def test_a_part_pays_an_invoice_of_an_activity_of_the_company() -> None:
    ours = a_free(company_id=COMPANY, trade=Trade(invoices=(invoice(1000),)))
    require_place(ours, line(), part(1000), 0)
    require_place(ours, line(), part(1000, invoice_id=None), 0)
    with pytest.raises(NotFound) as refused:
        require_place(ours, line(), part(1000, invoice_id=OTHER_INVOICE), 2)
    assert refused.value.extra["errors"][0]["field"] == "parts.2.invoice_id"
    with pytest.raises(NotFound) as refused:
        require_place(replace(ours, company_id=CompanyId(UUID(int=8))), line(), part(1000), 1)
    assert refused.value.extra["errors"][0]["field"] == "parts.1.activity_id"


@pytest.mark.parametrize(
    ("paid", "cancelled", "amount", "lacks"),
    [
        (0, False, 1000, True),
        (0, False, 1001, False),
        (1, False, 999, True),
        (1, False, 1000, False),
        (0, True, 1000, False),
    ],
)
def test_an_invoice_still_lacks_the_money_or_not(
    paid: int, cancelled: bool, amount: int, lacks: bool
) -> None:
    payments = (payment(1, paid, state="confirmed"),) if paid else ()
    trade = Trade(invoices=(invoice(1000, cancelled),), payments=payments)
    if lacks:
        require_lacking(a_free(trade=trade), part(amount))
        return
    with pytest.raises(InvoiceHasMoney):
        require_lacking(a_free(trade=trade), part(amount))


def test_money_for_no_invoice_is_not_booked_by_itself() -> None:
    trade = Trade(invoices=(invoice(1000),))
    with pytest.raises(InvoiceHasMoney):
        require_lacking(a_free(trade=trade), part(1000, invoice_id=None))
