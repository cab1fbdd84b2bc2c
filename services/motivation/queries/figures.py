"""Numbers and money in the texts that people read, as their language writes them."""

from dataclasses import dataclass
from decimal import Decimal

from shared.vocabulary import Language

_GROUPS = {"ru": ("\u00a0", ","), "en": (",", ".")}
_SYMBOLS = {("ru", "RUB"): "₽"}


@dataclass(frozen=True, slots=True)
class Figures:
    """How a language writes numbers: `1 447,93 ₽`, `1,447.93 RUB`."""

    language: Language

    def money(self, amount: Decimal, currency: str) -> str:
        """To the hundredth, with the currency."""
        symbol = _SYMBOLS.get((self.language, currency), currency)
        return f"{self._grouped(f'{amount:,.2f}')}\u00a0{symbol}"

    def number(self, value: Decimal) -> str:
        """To four places, without zeros behind the point that say nothing."""
        whole, _, places = f"{value:,.4f}".partition(".")
        places = places.rstrip("0")
        return self._grouped(f"{whole}.{places}" if places else whole)

    def _grouped(self, text: str) -> str:
        group, point = _GROUPS[self.language]
        return text.translate({ord(","): group, ord("."): point})
