"""What payroll may answer for the statements of a month, and when the month is paid out."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.motivation.domain.payouts import (
    AlreadyPaid,
    PayableStatement,
    PayoutLine,
    is_paid_out,
    require_payable,
)
from services.motivation.handlers.payouts import RecordPayout
from shared.errors import Invalid
from shared.ids import CompanyId, EmployeeId, new_id
from tests.support.money import roubles

A, B = UUID(int=1), UUID(int=2)
STATEMENTS = {
    id_: PayableStatement(id_, EmployeeId(new_id()), roubles("10"), paid=False) for id_ in (A, B)
}
PAID = PayoutLine(A, "paid", roubles("10"))


def test_a_statement_is_answered_by_its_total() -> None:
    require_payable([PAID, replace(PAID, statement_id=B, outcome="accepted")], STATEMENTS)
    require_payable([replace(PAID, outcome="rejected", reason="Нет договора")], STATEMENTS)


@pytest.mark.parametrize(
    ("line", "field", "rule"),
    [
        (replace(PAID, statement_id=UUID(int=3)), "lines.1.statement_id", "exists"),
        (replace(PAID, amount=roubles("10.01")), "lines.1.statement_id", "once"),
        (
            replace(PAID, statement_id=B, amount=roubles("9.99")),
            "lines.1.amount",
            "statement_total",
        ),
        (replace(PAID, statement_id=B, outcome="rejected"), "lines.1.reason", "missing"),
    ],
)
def test_a_wrong_answer_names_its_line(line: PayoutLine, field: str, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_payable([PAID, line], STATEMENTS)
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == (field, rule)
    if rule == "statement_total":
        assert error["total"] == "10.00"


def test_a_statement_is_paid_once() -> None:
    paid = {A: replace(STATEMENTS[A], paid=True)}
    with pytest.raises(AlreadyPaid) as refused:
        require_payable([PAID], paid)
    assert refused.value.extra == {"statement_id": A}


@pytest.mark.parametrize(
    ("statements", "paid_out"),
    [
        ([], True),
        ([("10", True), ("0.01", True)], True),
        ([("10", True), ("0.01", False)], False),
        ([("10", True), ("0", False), ("-5", False)], True),
    ],
)
def test_who_is_to_get_nothing_is_waited_for_by_nobody(
    statements: list[tuple[str, bool]], paid_out: bool
) -> None:
    payable = [
        PayableStatement(new_id(), EmployeeId(new_id()), roubles(total), paid)
        for total, paid in statements
    ]
    assert is_paid_out(payable) is paid_out


def test_the_same_lines_in_another_order_are_the_same_answer() -> None:
    other = replace(PAID, statement_id=B, reference="17")
    answer = RecordPayout("ZP-1", CompanyId(UUID(int=9)), "2026-10", (PAID, other))
    turned = replace(answer, lines=(other, PAID))
    assert answer.fingerprint() == turned.fingerprint()
    for changed in (
        replace(answer, period="2026-09"),
        replace(answer, lines=(PAID,)),
        replace(answer, lines=(PAID, replace(other, reference="18"))),
        replace(answer, lines=(PAID, replace(other, outcome="accepted"))),
    ):
        assert changed.fingerprint() != answer.fingerprint()
