"""Shares of a payment: together it, each invoice once."""

from decimal import Decimal
from uuid import UUID

import pytest

from services.activities.domain.matching import Share, require_whole
from shared.errors import Invalid
from shared.ids import ActivityId
from tests.unit.activities.matching_examples import payment


def share(activity: int, invoice: int | None, amount: str) -> Share:
    invoice_id = None if invoice is None else UUID(int=invoice)
    return Share(ActivityId(UUID(int=activity)), invoice_id, Decimal(amount))


@pytest.mark.parametrize(
    "shares",
    [
        [share(1, 1, "1000.00")],
        [share(1, 1, "400.00"), share(1, 2, "600.00")],
        [share(1, None, "400.00"), share(2, None, "600.00")],
        [share(1, 1, "400.00"), share(1, None, "600.00")],
    ],
)
def test_shares_make_up_the_payment(shares: list[Share]) -> None:
    require_whole(shares, payment(""))


@pytest.mark.parametrize("amounts", [("400.00", "599.99"), ("400.00", "600.01")])
def test_shares_that_do_not_add_up_are_refused_with_the_sum(amounts: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        require_whole([share(1, place, each) for place, each in enumerate(amounts)], payment(""))
    whole = {"amount": "1000.00", "currency": "RUB"}
    error = {"field": "shares", "rule": "adds_up", "amount": whole}
    assert refused.value.extra == {"errors": [error]}


@pytest.mark.parametrize("invoice", [1, None])
def test_an_invoice_is_named_once(invoice: int | None) -> None:
    with pytest.raises(Invalid) as refused:
        require_whole([share(1, invoice, "400"), share(1, invoice, "600")], payment(""))
    assert refused.value.extra == {"errors": [{"field": "shares", "rule": "distinct"}]}
