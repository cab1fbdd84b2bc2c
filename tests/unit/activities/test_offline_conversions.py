"""The file of offline conversions, to the letter."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.activities.domain.offline_conversions import Conversion, VisitorId, file_of

NOW = datetime(2026, 11, 27, 10, 0, 0, 900_000, tzinfo=UTC)
MOMENT = int(NOW.timestamp())


def test_rows_are_by_moment_with_whole_seconds_and_money_where_there_is_some() -> None:
    conversions = [
        Conversion("7", "won", NOW + timedelta(seconds=5), Decimal("1500"), "RUB"),
        Conversion("9", "registered", NOW, None, "RUB"),
        Conversion("7", "paid", NOW, Decimal("0.5"), "USD"),
        Conversion("7", "registered", NOW),
    ]
    assert file_of(conversions, "client_id").splitlines() == [
        "ClientId,Target,DateTime,Price,Currency",
        f"7,paid,{MOMENT},0.50,USD",
        f"7,registered,{MOMENT},,",
        f"9,registered,{MOMENT},,",
        f"7,won,{MOMENT + 5},1500.00,RUB",
    ]


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("client_id", "ClientId"),
        ("user_id", "UserId"),
        ("yclid", "Yclid"),
        ("purchase_id", "PurchaseId"),
    ],
)
def test_the_column_names_the_kind_of_id(kind: VisitorId, column: str) -> None:
    assert file_of([], kind) == f"{column},Target,DateTime,Price,Currency\n"


@pytest.mark.parametrize("visitor", ["a", "_1.2:3-4", "x" * 200])
def test_ids_that_a_counter_gives_are_in(visitor: str) -> None:
    assert f"\n{visitor},won," in file_of([Conversion(visitor, "won", NOW)], "yclid")


@pytest.mark.parametrize("visitor", ["", "=1+1", "-5", "+7", "@a", "a,b", 'a"b', "a\nb", "x" * 201])
def test_what_could_be_a_formula_or_another_row_is_left_out(visitor: str) -> None:
    assert len(file_of([Conversion(visitor, "won", NOW)], "yclid").splitlines()) == 1
