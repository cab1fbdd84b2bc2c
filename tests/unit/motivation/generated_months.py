"""Months and plans made up at random: as facts of the reference calculation, and as the product has
them.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID

from services.motivation.domain.deal import Deal, SellerShare, SoldProduct
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import (
    Attainment,
    Cap,
    Draw,
    Fixed,
    Floor,
    Limits,
    PercentOfReceipts,
    Pool,
    Rule,
    Terms,
    Tier,
    Tiered,
)
from services.motivation.domain.settlement import CreditedDeal, Month
from shared.ids import ActivityId, EmployeeId
from shared.vocabulary import AttainmentMeasure
from tests.support.money import roubles
from tests.unit.motivation.deals import COMPANY, ROOM, WON_AT
from tests.unit.motivation.reference_sales import Facts, Product, Sale

SELLERS, HEAD = (1, 2, 3), 4
PEOPLE = {EmployeeId(UUID(int=number)): f"{number:03}" for number in (*SELLERS, HEAD)}
NUMBERS = {f"таб. № {number:03}": number for number in (*SELLERS, HEAD)}
CATEGORIES = ("услуга", "товар")
MEASURES: dict[AttainmentMeasure, str] = {
    "receipts": "receipts",
    "net_of_vat": "net",
    "margin": "margin",
    "count": "count",
}
BASES = ("receipts", "receipts", "net_of_vat", "margin")


def employee(number: int) -> EmployeeId:
    return EmployeeId(UUID(int=number))


def facts_of(random: Random) -> Facts:
    """A month of up to eight sales."""
    sales = [_sale(random, number) for number in range(1, random.randint(1, 9))]
    targets = {
        (who, measure): random.choice([3, 500, 100_000, 333_333])
        for who in (0, *SELLERS)
        for measure in MEASURES.values()
        if random.random() < 0.8
    }
    debts = {number: random.randint(1, 50_000) for number in SELLERS if random.random() < 0.3}
    return Facts(sales, targets, debts, random.random() < 0.8)


def plan_rules(random: Random) -> tuple[Rule, ...]:
    """Up to four rules for deals, and up to two of the month."""
    deals = [_deal_rule(random) for _ in range(random.randint(1, 4))]
    month = [_month_rule(random) for _ in range(random.randint(0, 2))]
    return tuple(random.sample([*deals, *month], len(deals) + len(month)))


def month_of(facts: Facts, plan: Plan) -> Month:
    """The facts as the product has them."""
    return Month(
        currency="RUB",
        deals=[_credited(sale, plan) for sale in facts.sales],
        last_plan=plan,
        targets={
            (employee(who) if who else None, name): Decimal(value) / (1 if name == "count" else 100)
            for (who, measure), value in facts.targets.items()
            for name in MEASURES
            if MEASURES[name] == measure
        },
        debts={employee(number): Decimal(debt) / 100 for number, debt in facts.debts.items()},
        ended=facts.ended,
    )


def _credited(sale: Sale, plan: Plan) -> CreditedDeal:
    day = date(2026, 11, sale.day)
    deal = Deal(
        company_id=COMPANY,
        room_id=ROOM,
        won_at=WON_AT,
        won_on=day,
        receipts=roubles(Decimal(sale.receipts) / 100),
        products=tuple(
            SoldProduct(
                product.category,
                Decimal(product.amount) / 100,
                Decimal(product.returned) / 100,
                None if product.vat is None else Decimal(int(product.vat)),
                None if product.cost is None else Decimal(product.cost) / 100,
                product.tax_known,
            )
            for product in sale.products
        ),
        source_kind=sale.source,
        sale=sale.sale,
        shares=tuple(SellerShare(employee(who), _decimal(share)) for who, share in sale.shares),
        vip=sale.vip,
    )
    return CreditedDeal(ActivityId(UUID(int=sale.id)), day, deal, plan)


def _decimal(share: Fraction) -> Decimal:
    return Decimal(share.numerator) / share.denominator


def _sale(random: Random, number: int) -> Sale:
    products = tuple(_product(random) for _ in range(random.randint(1, 3)))
    whole = sum(product.amount for product in products)
    cut = random.randint(0, 4)
    sellers = random.sample(SELLERS, random.choice([1, 1, 2, 3]))
    weights = [random.randint(1, 5) * 1000 for _ in sellers[1:]]
    weights = [weight // len(sellers) for weight in weights]
    shares = [Fraction(10_000 - sum(weights), 10_000), *(Fraction(w, 10_000) for w in weights)]
    return Sale(
        id=number,
        day=random.randint(1, 28),
        receipts=whole if cut else random.randint(0, 2 * whole),
        products=products,
        shares=tuple(zip(sellers, shares, strict=True)),
        source=random.choice(["cold", "inbound", "renewal"]),
        sale=random.choice(["first", "repeat", "renewal"]),
        vip=random.random() < 0.2,
    )


def _product(random: Random) -> Product:
    amount = random.choice([0, 1, random.randint(1, 1000), random.randint(1000, 500_000)])
    return Product(
        random.choice(CATEGORIES),
        amount,
        random.choice([0, 0, 0, amount, amount // 3]),
        random.choice([None, Fraction(10), Fraction(22)]),
        random.choice([None, amount // 2, random.randint(0, amount)]),
        random.random() < 0.8,
    )


def _percent(random: Random) -> Decimal:
    return random.choice([Decimal(5), Decimal(random.randint(1, 1_000_000)) / 10_000])


def _amount(random: Random, most: int = 100_000) -> Any:
    return roubles(Decimal(random.randint(1, most)) / 100)


def _limits(random: Random) -> Limits:
    return Limits(
        product_category=random.choice([None, None, *CATEGORIES]),
        source_kind=random.choice([None, None, "cold", "inbound"]),
        sale=random.choice([None, None, "first", "repeat"]),
    )


def _terms(random: Random, *, may_be_others: bool) -> Terms:
    return Terms(
        vip_coefficient=random.choice([Decimal(1), Decimal("1.5"), Decimal("0.3333")]),
        cap=random.choice([None, None, _amount(random)]),
        recipients=(employee(HEAD),) if may_be_others and random.random() < 0.3 else (),
    )


def _deal_rule(random: Random) -> Rule:
    kind = random.randint(0, 3)
    limits = _limits(random)
    base: Any = random.choice(BASES)
    if kind == 0:
        return PercentOfReceipts(_percent(random), limits, base, _terms(random, may_be_others=True))
    if kind == 1:
        minimum = random.choice([None, _amount(random)])
        return Fixed(_amount(random), limits, minimum, _terms(random, may_be_others=True))
    return _tiered(random, limits, base, pays_amounts=kind == 2)


def _tiered(random: Random, limits: Limits, base: Any, *, pays_amounts: bool) -> Rule:
    attainment = _attainment(random, random.choice(["seller", "room"]))
    starts = sorted({_bound(random, attainment) for _ in range(random.randint(1, 4))})
    return Tiered(
        tiers=tuple(
            Tier(start, _amount(random).amount if pays_amounts else _percent(random))
            for start in starts
        ),
        currency="RUB" if pays_amounts else None,
        mode=random.choice(["marginal", "retroactive"]),
        attainment=attainment,
        threshold=random.choice([None, None, _bound(random, attainment)]),
        base_of="receipts" if pays_amounts else base,
        limits=limits,
        terms=_terms(random, may_be_others=attainment.scope == "room"),
    )


def _attainment(random: Random, scope: Any) -> Attainment:
    measures: Sequence[Any] = ["receipts", "receipts", "net_of_vat", "margin", "count"]
    return Attainment(
        measure=random.choice(measures),
        scope=scope,
        unit=random.choice(["amount", "percent_of_target"]),
        deals=random.choice(["matching", "matching", "all"]),
    )


def _bound(random: Random, attainment: Attainment) -> Decimal:
    if attainment.unit == "percent_of_target":
        return random.choice([Decimal(0), Decimal(50), Decimal("33.3333"), Decimal(100)])
    if attainment.measure == "count":
        return random.choice([Decimal(0), Decimal(1), Decimal("2.5"), Decimal(3)])
    return random.choice([Decimal(0), Decimal(random.randint(1, 500_000)) / 100])


def _month_rule(random: Random) -> Rule:
    people = random.choice([(), (employee(1), employee(HEAD))])
    kind = random.randint(0, 4)
    if kind == 0:
        return Cap(_amount(random), people)
    if kind == 1:
        return Floor(_amount(random), people)
    if kind == 2:
        return Draw(_amount(random), random.random() < 0.6, people)
    attainment = _attainment(random, "room")
    shares = ((1, "0.3333"), (2, "0.3333"), (HEAD, "0.3334"))
    return Pool(
        percent=_percent(random) if kind == 3 else None,
        amount=_amount(random) if kind == 4 else None,
        base_of=random.choice(BASES) if kind == 3 else "receipts",  # type: ignore[arg-type]
        limits=_limits(random),
        attainment=attainment,
        threshold=random.choice([None, _bound(random, attainment)]),
        shares=tuple(SellerShare(employee(who), Decimal(share)) for who, share in shares)
        if random.random() < 0.5
        else (),
    )
