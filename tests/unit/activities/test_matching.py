"""Which invoices a payment pays: surely, probably, or none."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.match_reasons import Candidate
from services.activities.domain.matching import MOST, Match, Share, match
from shared.ids import CompanyId
from tests.unit.activities.matching_examples import INN, OTHER_INN, invoice, payment


def _paid(result: Match) -> list[list[tuple[int, str]]]:
    """The invoices of each suggestion by the number that made their ids, with their shares."""
    return [
        [(_number(share), str(share.amount)) for share in suggestion.shares]
        for suggestion in result.suggestions
    ]


def _number(share: Share) -> int:
    assert share.invoice_id
    return share.invoice_id.int


def test_number_payer_and_sum_make_it_sure() -> None:
    result = match(payment("счет 17"), [invoice(1, "17"), invoice(2, "18")])
    assert result.certainty == "sure"
    assert _paid(result) == [[(1, "1000.00")]]
    assert result.suggestions[0].reasons == ("number", "payer_inn", "sum")
    assert result.suggestions[0].shares[0].activity_id == UUID(int=1001)


def test_a_number_in_a_field_of_its_own_counts_as_one_in_the_purpose() -> None:
    result = match(payment("", invoice_number="№ 017"), [invoice(1, "17")])
    assert result.certainty == "sure"


def test_the_end_of_a_number_is_enough() -> None:
    result = match(payment("счет УТ-17"), [invoice(1, "17"), invoice(2, "18")])
    assert (result.certainty, result.suggestions[0].reasons[0]) == ("sure", "number_end")
    assert match(payment("счет 17"), [invoice(1, "2026-17")]).certainty == "sure"
    assert match(payment("счет 17"), [invoice(1, "2026-117", "900.00")]).certainty == "suggested"


def test_the_very_number_comes_before_one_with_such_an_end() -> None:
    result = match(payment("счет 17"), [invoice(1, "2025-17"), invoice(2, "17")])
    assert _paid(result) == [[(2, "1000.00")]]


def test_two_invoices_with_the_same_end_are_not_sure() -> None:
    candidates = [invoice(1, "2025-17"), invoice(2, "2026-17", "500.00")]
    assert match(payment("счет 17"), candidates).certainty == "suggested"


def test_the_day_beside_a_number_tells_which_is_meant() -> None:
    candidates = [
        invoice(1, "2025-17", issued_on=date(2025, 11, 20)),
        invoice(2, "2026-17", issued_on=date(2026, 11, 20)),
    ]
    result = match(payment("счет 17 от 20.11.2026"), candidates)
    assert (result.certainty, _paid(result)) == ("sure", [[(2, "1000.00")]])
    assert result.suggestions[0].reasons == ("number_end", "issue_day", "payer_inn", "sum")
    assert match(payment("счет 17 от 21.11.2026"), candidates).certainty == "suggested"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"due": "1000.01"}, "part"),
        ({"due": "999.99"}, "overpaid"),
        ({"due": "0"}, "paid"),
        ({"client_inn": OTHER_INN}, "other_payer"),
        ({"client_inn": None}, "payer_unknown"),
        ({"cancelled": True}, "cancelled"),
    ],
)
def test_whatever_does_not_agree_is_one_press(changes: dict[str, Any], reason: str) -> None:
    result = match(payment("счет 17"), [invoice(1, "17", **{"due": "1000.00", **changes})])
    assert result.certainty == "suggested"
    assert _paid(result) == [[(1, "1000.00")]]
    assert reason in result.suggestions[0].reasons


def test_a_payer_without_inn_is_never_sure_by_a_number() -> None:
    result = match(payment("счет 17", inn=None), [invoice(1, "17")])
    assert result.certainty == "suggested"
    assert result.suggestions[0].reasons == ("number", "payer_unknown", "sum")


@pytest.mark.parametrize(
    "candidate",
    [
        invoice(1, "17", company_id=CompanyId(UUID(int=2))),
        invoice(1, "17", currency="USD"),
        invoice(1, "17", "900.00", client_inn=OTHER_INN),
        invoice(1, "2026-17", client_inn=OTHER_INN),
        invoice(1, "18", "0"),
        invoice(1, "18", cancelled=True),
        invoice(1, "", client_inn=OTHER_INN),
    ],
)
def test_what_is_not_meant_is_not_suggested(candidate: Candidate) -> None:
    assert match(payment("счет 17"), [candidate]) == Match("none")


def test_the_payer_alone_suggests_what_lacks_money() -> None:
    result = match(payment("оплата"), [invoice(1, "17", "900.00"), invoice(2, "18", "1500.00")])
    assert result.certainty == "suggested"
    assert _paid(result) == [[(1, "1000.00")], [(2, "1000.00")]]


def test_suggestions_come_by_what_speaks_for_them_then_by_age() -> None:
    candidates = [
        invoice(1, "1", "5.00", issued_on=date(2026, 11, 19)),
        invoice(2, "2", "5.00", issued_on=date(2026, 11, 18)),
        invoice(3, "3"),
        invoice(4, "17", "5.00"),
        invoice(5, "17", client_inn=OTHER_INN),
    ]
    result = match(payment("счет 17"), candidates)
    # Number and payer 13, number and sum 12, payer and sum 9, the payer alone 5.
    assert [shares[0][0] for shares in _paid(result)] == [4, 5, 3, 2, 1]


def test_only_so_many_are_suggested() -> None:
    candidates = [invoice(number, str(number), "5.00") for number in range(1, 20)]
    assert len(match(payment("оплата"), candidates).suggestions) == MOST


def test_an_invoice_named_by_id_takes_a_part_from_an_unknown_payer() -> None:
    named = payment("", "400.00", invoice_id=UUID(int=1), inn=None)
    result = match(named, [invoice(1, "17"), invoice(2, "18", "400.00")])
    assert (result.certainty, _paid(result)) == ("sure", [[(1, "400.00")]])
    assert result.suggestions[0].reasons == ("invoice_id", "payer_unknown", "part")


@pytest.mark.parametrize(
    ("due", "inn", "cancelled"),
    [
        ("1000.00", OTHER_INN, False),
        ("999.00", INN, False),
        ("0", INN, False),
        ("1000.00", INN, True),
    ],
)
def test_an_invoice_named_by_id_may_be_unsure(due: str, inn: str, cancelled: bool) -> None:
    named = payment("", invoice_id=UUID(int=1), inn=inn)
    result = match(named, [invoice(1, "17", due, cancelled=cancelled)])
    assert (result.certainty, _paid(result)) == ("suggested", [[(1, "1000.00")]])


def test_an_id_that_is_not_there_leaves_nothing_sure() -> None:
    result = match(payment("счет 17", invoice_id=UUID(int=9)), [invoice(1, "17")])
    assert result.certainty == "suggested"


def test_one_payment_for_two_named_invoices_is_split_among_them() -> None:
    candidates = [invoice(1, "17", "600.00"), invoice(2, "18", "400.00"), invoice(3, "19", "7.00")]
    result = match(payment("счета 17, 18"), candidates)
    assert result.certainty == "suggested"
    assert _paid(result)[0] == [(1, "600.00"), (2, "400.00")]
    assert result.suggestions[0].reasons == ("number", "payer_inn", "sum", "split")


@pytest.mark.parametrize(
    ("amount", "shares", "reason"),
    [
        ("800.00", [(2, "400.00"), (1, "400.00")], "part"),
        ("1200.00", [(2, "400.00"), (1, "800.00")], "overpaid"),
    ],
)
def test_a_split_that_is_not_the_sum_fills_in_the_order_of_the_purpose(
    amount: str, shares: list[tuple[int, str]], reason: str
) -> None:
    candidates = [invoice(1, "17", "600.00"), invoice(2, "18", "400.00")]
    (split,) = [
        suggestion
        for suggestion in match(payment("счета 18, 17", amount), candidates).suggestions
        if "split" in suggestion.reasons
    ]
    assert [(_number(share), str(share.amount)) for share in split.shares] == shares
    assert split.reasons == ("number", "payer_inn", reason, "split")


def test_a_part_of_the_first_named_invoice_is_not_split() -> None:
    candidates = [invoice(1, "17", "600.00"), invoice(2, "18", "400.00")]
    for amount in ("600.00", "599.99"):
        result = match(payment("счета 17, 18", amount), candidates)
        assert all(len(shares) == 1 for shares in _paid(result))


def test_all_that_a_payer_owes_is_suggested_for_its_sum() -> None:
    candidates = [invoice(1, "17", "600.00"), invoice(2, "18", "400.00"), invoice(3, "19", "0")]
    result = match(payment("оплата"), candidates)
    assert _paid(result)[0] == [(1, "600.00"), (2, "400.00")]
    assert result.suggestions[0].reasons == ("payer_inn", "sum", "split")
    assert all(len(shares) == 1 for shares in _paid(match(payment("", "999.00"), candidates)))


def test_others_invoices_are_no_part_of_a_split() -> None:
    candidates = [invoice(1, "17", "600.00"), invoice(2, "18", "400.00", client_inn=OTHER_INN)]
    result = match(payment("счета 17, 18"), candidates)
    assert all(len(shares) == 1 for shares in _paid(result))


def test_money_that_went_back_is_suggested_up_to_what_was_paid() -> None:
    candidates = [
        invoice(1, "17", "0", paid=Decimal("1000.00")),
        invoice(2, "18", "0", paid=Decimal("1500.00")),
        invoice(3, "19", "0", paid=Decimal("999.00")),
        invoice(4, "20", paid=Decimal(0)),
    ]
    result = match(payment("возврат по счету 17", direction="out"), candidates)
    assert result.certainty == "suggested"
    assert _paid(result) == [[(1, "1000.00")], [(2, "1000.00")]]
    assert result.suggestions[0].reasons == ("number", "payer_inn", "sum")


def test_money_that_went_back_is_never_split() -> None:
    candidates = [
        invoice(number, form, "500.00", paid=Decimal("1000.00"))
        for number, form in ((1, "17"), (2, "18"))
    ]
    result = match(payment("возврат по счетам 17, 18", direction="out"), candidates)
    assert all(len(shares) == 1 for shares in _paid(result))


_CANDIDATES = st.lists(
    st.builds(
        invoice,
        st.integers(1, 6),
        st.sampled_from(["17", "2025-17", "2026-17", "18", "a-18", ""]),
        st.sampled_from(["0", "400.00", "600.00", "1000.00"]),
        client_inn=st.sampled_from([INN, OTHER_INN, None]),
        cancelled=st.booleans(),
        issued_on=st.sampled_from([date(2025, 11, 20), date(2026, 11, 20)]),
        paid=st.sampled_from([Decimal(0), Decimal("1000.00")]),
    ),
    max_size=6,
    unique_by=lambda candidate: candidate.invoice_id,
)
_PAYMENTS = st.builds(
    payment,
    st.sampled_from(["счет 17", "счета 17, 18", "счет 2026-17 от 20.11.2026", "оплата", "№ 18"]),
    st.sampled_from(["400.00", "600.00", "1000.00"]),
    inn=st.sampled_from([INN, OTHER_INN, None]),
    direction=st.sampled_from(["in", "out"]),
    invoice_id=st.sampled_from([None, None, UUID(int=1)]),
)


@given(_PAYMENTS, _CANDIDATES, st.randoms())
def test_the_order_of_candidates_changes_nothing(paid: Any, candidates: Any, random: Any) -> None:
    shuffled = random.sample(candidates, len(candidates))
    assert match(paid, shuffled) == match(paid, candidates)


@given(_PAYMENTS, _CANDIDATES)
def test_a_match_keeps_its_promises(paid: Any, candidates: Any) -> None:
    result = match(paid, candidates)
    by_id = {candidate.invoice_id: candidate for candidate in candidates}
    assert (result.certainty == "none") == (not result.suggestions)
    for suggestion in result.suggestions:
        shares = suggestion.shares
        assert sum(share.amount for share in shares) == paid.amount.amount
        assert all(share.amount > 0 for share in shares)
        assert len({share.invoice_id for share in shares}) == len(shares)
    if result.certainty == "sure":
        (share,) = result.suggestions[0].shares
        candidate = by_id[UUID(int=_number(share))]
        assert paid.direction == "in"
        assert len(result.suggestions) == 1
        assert share.amount <= candidate.due
        assert not candidate.cancelled
        assert candidate.client_inn in (paid.payer.inn, None) or paid.payer.inn is None
        assert paid.invoice_id or candidate.client_inn == paid.payer.inn is not None


@given(_PAYMENTS, _CANDIDATES, _CANDIDATES)
def test_no_payment_is_sure_of_two_invoices(paid: Any, some: Any, more: Any) -> None:
    """Another's invoices beside it neither make a match sure nor change a sure one."""
    others = [
        invoice(100 + place, candidate.form, client_inn="7700000000")
        for place, candidate in enumerate(more)
    ]
    alone, beside = match(paid, some), match(paid, [*some, *others])
    assert (alone.certainty == "sure") == (beside.certainty == "sure")
    if alone.certainty == "sure":
        assert alone == beside
