"""What an invoice's print form says: its lines, how much of each it bills, and the tax."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.activities.domain.trade import OrderLine, Shipment
from services.activities.domain.vat import taxes_in
from shared.ids import ProductId
from shared.money import Money, rate_on, shared_out
from shared.vocabulary import VatCategory, VatMode


@dataclass(frozen=True, slots=True)
class PaperProduct:
    """A product as the directory has it at present."""

    name: str
    vat: VatCategory


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of the order; `billed` is what of its amount the invoice asks for, with the tax that
    it contains by `rate` in percent, None without tax.
    """

    name: str
    quantity: int
    price: Decimal
    amount: Decimal
    billed: Decimal
    rate: int | None


def shipment_day(shipments: Sequence[Shipment], issued_on: date, planned: date | None) -> date:
    """The day that decides the rates: of the first shipment, else the `planned` one, else that of
    the invoice.
    """
    first = min((shipment.shipped_on for shipment in shipments), default=None)
    return first or planned or issued_on


def paper_lines(
    lines: Sequence[OrderLine],
    products: Mapping[ProductId, PaperProduct],
    invoiced: Money,
    shipped_on: date,
    mode: VatMode,
) -> list[PaperLine]:
    """The order's lines; an invoice over a part of it bills each line in proportion."""
    amounts = [line.amount.amount for line in lines]
    paper = []
    for line, amount, billed in zip(lines, amounts, _billed(invoiced, amounts), strict=True):
        product = products[line.product_id]
        rate = rate_on(shipped_on, mode, product.vat)
        price = line.price.amount
        paper.append(PaperLine(product.name, line.quantity, price, amount, billed, rate))
    return paper


def _billed(invoiced: Money, amounts: list[Decimal]) -> list[Decimal]:
    """How much of an invoice each line takes: equal parts where the order costs nothing."""
    weights = amounts if sum(amounts) else [Decimal(1)] * len(amounts)
    return shared_out(invoiced.amount, weights)


def taxes_of(lines: Sequence[PaperLine]) -> dict[int, Decimal]:
    """The tax by rate in percent, of what is billed."""
    return taxes_in([(line.billed, line.rate) for line in lines])


def is_taxed(lines: Sequence[PaperLine]) -> bool:
    """Whether any line has a rate, be it 0 %."""
    return any(line.rate is not None for line in lines)
