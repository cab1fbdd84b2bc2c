"""What goes back is taken from where it came."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vip.domain.receipts import Receipt, returned, struck_refund_id
from shared.ids import new_id

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
OLD, NEW = UUID(int=1), UUID(int=2)


def money(id_: UUID | None, amount: int, days_ago: int = 0, of: UUID | None = None) -> Receipt:
    return Receipt(id_ or new_id(), Decimal(amount), NOW - timedelta(days=days_ago), of)


PAYMENTS = [money(NEW, 800), money(OLD, 1000, days_ago=400)]


def back(*refunds: Receipt) -> list[float]:
    """What went back of the old and of the new payment."""
    sums = returned([*refunds, *PAYMENTS])
    return [float(sums[OLD]), float(sums[NEW])]


@pytest.mark.parametrize(
    ("refunds", "old", "new"),
    [
        ([], 0, 0),
        ([(300, NEW)], 0, 300),
        ([(300, OLD)], 300, 0),
        ([(1000, None)], 1000, 0),
        ([(1001, None)], 1000, 1),
        ([(1800, None)], 1000, 800),
        ([(100, OLD), (1000, None)], 1000, 100),
        ([(100, NEW), (50, None)], 50, 100),
        ([(100, NEW), (200, NEW)], 0, 300),
        ([(200, None), (200, None)], 400, 0),
    ],
)
def test_a_refund_is_taken_from_its_payment_else_from_the_oldest_money(
    refunds: list[tuple[int, UUID | None]], old: int, new: int
) -> None:
    assert back(*(money(None, -amount, of=of) for amount, of in refunds)) == [old, new]


@pytest.mark.parametrize("of", [NEW, OLD, None])
def test_a_refund_that_was_struck_out_is_taken_from_none(of: UUID | None) -> None:
    kept, struck = money(None, -200, of=NEW), money(None, -300, of=of)
    mark = money(struck_refund_id(struck.id), 0, of=of)
    assert back(kept, struck, mark) == back(mark, kept, struck) == [0, 200]


def test_no_more_goes_back_than_came() -> None:
    assert back(money(None, -5000, of=NEW)) == [0, 800]
    assert back(money(None, -5000)) == [1000, 800]


def test_a_refund_of_a_payment_that_is_not_there_yet_is_taken_from_none() -> None:
    assert back(money(None, -100, of=UUID(int=9))) == [0, 0]


def test_of_one_moment_the_lower_id_goes_back_first() -> None:
    first, second = money(OLD, 10), money(NEW, 10)
    assert returned([second, first, money(None, -15)]) == {OLD: Decimal(10), NEW: Decimal(5)}


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 900)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(1, 400), st.integers(0, 6)), max_size=6),
    st.randoms(use_true_random=False),
)
def test_the_order_of_facts_changes_nothing(
    payments: list[tuple[int, int]], refunds: list[tuple[int, int]], dice: Random
) -> None:
    came = [money(None, amount, days_ago) for amount, days_ago in payments]
    went = [
        money(None, -amount, of=came[number].id if number < len(came) else None)
        for amount, number in refunds
    ]
    facts = [*came, *went]
    sums = returned(facts)
    dice.shuffle(facts)
    assert returned(facts) == sums
    assert all(0 <= sums[payment.id] <= payment.amount for payment in came)
    assert sum(sums.values()) <= sum(-refund.amount for refund in went)
