"""A loss by a reason of the company's list, and in words."""

import pytest

from services.activities.domain import closing
from services.activities.domain.closing import Loss, LossReason, loss_of, reason_named
from shared.errors import Invalid, NotFound
from shared.ids import CompanyId, LossReasonId, new_id
from tests.unit.activities.builders import NOW, SETTINGS, in_work, later

COMPANY = CompanyId(new_id())
SPAM = LossReason(LossReasonId(new_id()), COMPANY, "Спам", counts=False, active=True)
PRICE = LossReason(LossReasonId(new_id()), COMPANY, "Цена", counts=True, active=True)
OLD = LossReason(LossReasonId(new_id()), COMPANY, "Кризис", counts=True, active=False)


def test_a_company_without_reasons_in_use_loses_in_words() -> None:
    for reasons in ([], [OLD]):
        assert loss_of(reasons, None, "дорого") == Loss("дорого")


def test_a_reason_of_the_list_says_whether_the_loss_counts() -> None:
    assert loss_of([PRICE, SPAM], SPAM.id, None) == Loss("Спам", SPAM.id, counts=False)
    lost = closing.lose(in_work(), loss_of([SPAM], SPAM.id, "бот"), NOW)
    assert (lost.details["reason_id"], lost.details["counts"]) == (SPAM.id, False)
    assert (lost.after.lost_reason, lost.after.lost_reason_id) == ("бот", SPAM.id)
    reopened = closing.reopen(lost.after, True, SETTINGS, False, later(days=1))[0].after
    assert (reopened.lost_reason_id, reopened.lost_at) == (None, None)


@pytest.mark.parametrize(
    ("reasons", "reason_id", "text", "field", "rule"),
    [
        ([SPAM], None, "дорого", "reason_id", "missing"),
        ([OLD, SPAM], None, "дорого", "reason_id", "missing"),
        ([], None, None, "reason", "missing"),
        ([], None, "", "reason", "missing"),
        ([SPAM, OLD], OLD.id, None, "reason_id", "in_use"),
    ],
)
def test_a_loss_needs_a_reason_in_use(
    reasons: list[LossReason],
    reason_id: LossReasonId | None,
    text: str | None,
    field: str,
    rule: str,
) -> None:
    with pytest.raises(Invalid) as refused:
        loss_of(reasons, reason_id, text)
    assert refused.value.extra == {"errors": [{"field": field, "rule": rule}]}


@pytest.mark.parametrize("reasons", [[], [SPAM]])
def test_a_reason_that_is_not_of_the_list_is_not_found(reasons: list[LossReason]) -> None:
    expected = NotFound("loss_reason", "reason_id")
    with pytest.raises(NotFound) as refused:
        loss_of(reasons, LossReasonId(new_id()), "дорого")
    assert (refused.value.code, refused.value.extra) == (expected.code, expected.extra)


@pytest.mark.parametrize(
    ("name", "reason_id"),
    [("Спам", SPAM.id), ("СПАМ", SPAM.id), ("цена", PRICE.id), ("Кризис", None), ("Иное", None)],
)
def test_a_reason_in_use_is_found_by_its_name_in_any_case(
    name: str, reason_id: LossReasonId | None
) -> None:
    assert reason_named([OLD, SPAM, PRICE], name) == reason_id
