"""The tax and the cost of what was sold, by the business day of the win: against a reference that
walks through the days.
"""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.motivation.domain.catalogue import Catalogue, ProductTerms
from services.motivation.storage.deals import deal_of
from shared.ids import ProductId
from shared.money import VatPeriod
from shared.vocabulary import VatCategory, VatMode
from tests.unit.motivation.deals import COMPANY
from tests.unit.motivation.states import make_state

PRODUCT = ProductId(UUID(int=40))
FIRST = date(2025, 12, 1)
RATES: dict[tuple[VatMode, VatCategory], tuple[int, int]] = {
    ("general", "standard"): (20, 22),
    ("general", "reduced"): (10, 10),
    ("reduced_5", "standard"): (5, 5),
    ("reduced_7", "reduced"): (7, 7),
    ("none", "standard"): (0, 0),
    ("general", "exempt"): (0, 0),
    ("reduced_5", "zero"): (0, 0),
}
"""Before 2026, and since."""


def days(random: Random) -> list[date]:
    chosen = random.sample(range(60), random.randint(0, 4))
    return [FIRST + timedelta(days=number) for number in chosen]


def walked(changes: dict[date, Any], day: date) -> Any:
    """What holds on `day`, of changes by their first days."""
    present, at = None, FIRST
    while at <= day:
        present = changes.get(at, present)
        at += timedelta(days=1)
    return present


@pytest.mark.parametrize("seed", range(200))
def test_the_business_day_decides_tax_and_cost(seed: int) -> None:
    random = Random(seed)
    category = random.choice([category for _, category in RATES])
    modes = [mode for mode, of in RATES if of == category]
    ways = {day: random.choice(modes) for day in days(random)}
    costs = {day: Decimal(random.randint(0, 10_000)) / 100 for day in days(random)}
    catalogue = Catalogue(
        {COMPANY: [VatPeriod(*period) for period in ways.items()]},
        {PRODUCT: ProductTerms(category, tuple(costs.items()))},
    )
    won_on = FIRST + timedelta(days=random.randint(0, 59))
    state = make_state(PRODUCT, quantity=3, won_on=won_on)
    (sold,) = deal_of(state, "Europe/Moscow", "first", catalogue).products
    mode, piece = walked(ways, won_on), walked(costs, won_on)
    assert sold.vat_known == (mode is not None)
    if mode:
        assert sold.vat == RATES[mode, category][won_on.year >= 2026]
    assert sold.cost == (None if piece is None else 3 * piece)


def test_without_a_catalogue_nothing_is_looked_up() -> None:
    state = make_state(PRODUCT, quantity=1, won_on=FIRST)
    deal = deal_of(state, "Europe/Moscow", "first")
    assert not deal.is_priced
    assert deal_of(state, "Europe/Moscow", "first", Catalogue()).is_priced


def test_a_product_that_is_not_known_has_neither() -> None:
    catalogue = Catalogue({COMPANY: [VatPeriod(FIRST, "general")]})
    (sold,) = deal_of(make_state(PRODUCT, won_on=FIRST), "UTC", None, catalogue).products
    assert (sold.vat_known, sold.cost) == (False, None)


def test_an_open_deal_has_no_day_to_look_at() -> None:
    catalogue = Catalogue({COMPANY: [VatPeriod(FIRST, "general")]}, {PRODUCT: ProductTerms("zero")})
    state = make_state(PRODUCT, won_on=None)
    (sold,) = deal_of(state, "UTC", None, catalogue).products
    assert (sold.vat, sold.cost) == (None, None)
