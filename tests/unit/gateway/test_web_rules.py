"""Rules of plans, of forms and back into them."""

from typing import Any

import pytest

from services.gateway.web.rules import fields_of_rule, rule_of, typed_of
from tests.support.money import rub


def _rule(
    before: dict[str, Any] | None = None, tiers: dict[str, list[str]] | None = None, **form: str
) -> dict[str, Any]:
    return rule_of(form, lambda name: (tiers or {}).get(name, []), "RUB", before)


def test_a_percentage_is_taken_as_people_type_it() -> None:
    rule = _rule(kind="percent_of_receipts", percent="7,125 %", sale="first", amount="5")
    assert rule == {
        "kind": "percent_of_receipts",
        "percent": "7.125",
        "base": "receipts",
        "sale": "first",
        "vip_coefficient": "1",
    }


def test_tiers_have_rates_of_their_kind_and_empty_rows_are_left_out() -> None:
    rows = {"tier_from": ["", "100 000", ""], "tier_rate": ["5", "7,5", ""]}
    percent = _rule(None, rows, kind="tiered_percent", mode="retroactive", unit="amount")
    assert percent["tiers"] == [{"from": "0", "percent": "5"}, {"from": "100000", "percent": "7.5"}]
    assert percent["mode"] == "retroactive"
    fixed = _rule(None, rows, kind="tiered_fixed")
    assert fixed["tiers"][1] == {"from": "100000", "amount": rub("7.5")}
    assert typed_of(fixed)["tier_rows"] == [("0", "5"), ("100000", "7.5")]


def test_a_monthly_rule_has_its_amount_alone() -> None:
    draw = _rule(kind="draw", amount="50 000", percent="3", cap="1", recoverable="on")
    assert draw == {"kind": "draw", "amount": rub("50000"), "recoverable": True}
    assert _rule(kind="draw", amount="1")["recoverable"] is False


def test_terms_without_a_field_stay_while_the_kind_does() -> None:
    before = {"kind": "percent_of_receipts", "percent": "5", "recipients": ["somebody"]}
    changed = _rule(before, kind="percent_of_receipts", percent="6")
    assert (changed["percent"], changed["recipients"]) == ("6", ["somebody"])
    assert "recipients" not in _rule(before, kind="cap", amount="1")
    of_room = {"kind": "tiered_fixed", "attainment": {"scope": "room", "unit": "amount"}}
    tiered = _rule(of_room, {}, kind="tiered_fixed", unit="percent_of_target")
    assert tiered["attainment"] == {"scope": "room", "unit": "percent_of_target"}


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("rules.1.percent_of_receipts.percent", "percent"),
        ("rules.1.tiered_percent.tiers.0.from", "tiers"),
        ("rules.1.kind", "kind"),
        ("rules.1", "kind"),
    ],
)
def test_a_message_finds_the_field_of_its_rule(field: str, name: str) -> None:
    assert fields_of_rule({field: "no", "rules.0.cap.amount": "other"}, 1) == {name: "no"}
