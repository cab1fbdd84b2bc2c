"""Pay as the gateway shows it."""

from pydantic import BaseModel

from shared.money import MoneySum


class Pay(BaseModel):
    """The month's pay so far over all companies and rooms, in the tenant's currency; `others` is
    there only if some was earned in other currencies.
    """

    total: MoneySum
    others: list[MoneySum] = []
