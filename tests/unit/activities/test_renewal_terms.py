"""How renewals follow their contract: the day that counts, and what is kept of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.activities.domain import renewal_terms
from services.activities.domain.activity import Activity
from services.activities.domain.renewals import Renewal, RenewalEvent
from services.activities.domain.trade import Document, Trade
from shared.ids import RoomId, new_id
from tests.support.money import roubles
from tests.unit.activities.builders import ANNA, NOW, TODAY, a_line, won

MOSCOW = "Europe/Moscow"
YESTERDAY = TODAY - timedelta(days=1)


def a_contract(*terms: int) -> Activity:
    """Won NOW, with a line of 1000 roubles for each of `terms`."""
    lines = tuple(replace(a_line(), term_months=months) for months in terms)
    return replace(won(), products=lines, won_at=NOW)


def with_days(paid_on: date | None, *documents: Document) -> Activity:
    contract = a_contract(12)
    (payment,) = contract.trade.payments
    long_ago = datetime(2026, 1, 30, 21, 30, tzinfo=UTC)
    payment = replace(payment, paid_on=paid_on, paid_at=long_ago)
    return replace(contract, trade=Trade(payments=(payment,), documents=documents))


def scheduled(contract: Activity) -> list[Renewal]:
    return [event.after for event in renewal_terms.follow_win(contract, [], None, MOSCOW)]


@pytest.mark.parametrize(
    ("contract", "day"),
    [
        (with_days(YESTERDAY), YESTERDAY),
        (with_days(None), date(2026, 1, 31)),
        (with_days(date(2026, 1, 1), Document("signed", YESTERDAY, None)), YESTERDAY),
        (with_days(date(2026, 1, 1), Document("sent", YESTERDAY, None)), date(2026, 1, 1)),
        (with_days(YESTERDAY, Document("signed", date(2026, 1, 1), None)), YESTERDAY),
        (with_days(TODAY + timedelta(days=1)), TODAY),
    ],
)
def test_a_win_is_of_its_last_payment_or_signature_and_not_after_its_record(
    contract: Activity, day: date
) -> None:
    assert renewal_terms.business_day(contract, MOSCOW) == day


def test_a_claimed_payment_is_of_no_day() -> None:
    contract = with_days(date(2026, 1, 1))
    (payment,) = contract.trade.payments
    claimed = replace(payment, id=new_id(), state="claimed", paid_on=YESTERDAY)
    contract = replace(contract, trade=Trade(payments=(claimed, payment)))
    assert renewal_terms.business_day(contract, MOSCOW) == date(2026, 1, 1)


def test_a_win_without_payments_is_of_the_companys_day_of_its_record() -> None:
    late = datetime(2026, 1, 30, 21, 30, tzinfo=UTC)
    contract = replace(a_contract(12), won_at=late, trade=Trade())
    assert renewal_terms.business_day(contract, MOSCOW) == date(2026, 1, 31)


def test_a_win_schedules_a_renewal_of_the_contract() -> None:
    contract = a_contract(12)
    (event,) = renewal_terms.follow_win(contract, [], None, MOSCOW)
    assert event == RenewalEvent(
        "renewal.scheduled",
        Renewal(
            id=event.after.id,
            version=1,
            contract_id=contract.id,
            term_months=12,
            number=1,
            counted_from=TODAY,
            due_on=date(2027, 11, 23),
            due_at=datetime(2027, 11, 22, 21, tzinfo=UTC),
            company_id=contract.company_id,
            room_id=contract.room_id,
            client_id=contract.client_id,
            products=contract.products,
        ),
    )
    assert event.after.amount == roubles(1000)


def test_a_renewal_that_is_scheduled_again_keeps_its_note() -> None:
    contract = a_contract(1, 12)
    kept, noted = scheduled(contract)
    gone = replace(noted, note="два года", status="withdrawn", withdrawal="win_reversed")
    (event,) = renewal_terms.follow_win(contract, [kept, gone], None, MOSCOW)
    assert event == RenewalEvent("renewal.scheduled", replace(noted, note="два года", version=2))


def test_a_reversal_withdraws_all_that_is_scheduled() -> None:
    monthly, yearly = scheduled(a_contract(1, 12))
    opened = replace(monthly, status="opened")
    assert renewal_terms.follow_reversal([opened, yearly]) == [
        RenewalEvent(
            "renewal.withdrawn",
            replace(yearly, version=2, status="withdrawn", withdrawal="win_reversed"),
        )
    ]


def test_a_refund_leaves_what_became_an_activity_and_withdraws_what_has_no_line() -> None:
    monthly, yearly = scheduled(a_contract(1, 12))
    nothing_left = replace(a_contract(), products=())
    taken = replace(monthly, status="taken")
    assert renewal_terms.follow_refund(nothing_left, [taken, yearly]) == [
        RenewalEvent(
            "renewal.withdrawn",
            replace(yearly, version=2, status="withdrawn", withdrawal="refunded"),
        )
    ]


def test_renewals_that_move_keep_all_but_their_room() -> None:
    monthly, yearly = scheduled(a_contract(1, 12))
    room = RoomId(new_id())
    there = replace(monthly, room_id=room, withdrawn_by=ANNA)
    assert renewal_terms.follow_move([there, yearly], room) == [
        RenewalEvent("renewal.moved", replace(yearly, version=2, room_id=room))
    ]
