"""A seller's results in a room: activities count them, the gateway shows them."""

from pydantic import BaseModel, Field

from shared.money import MoneySum


class SellersResults(BaseModel):
    """Won and lost by the moment of it, money by the moment at which it came or went back:
    confirmed payments, less refunds.
    """

    won: int = Field(description="How many activities were won.")
    lost: int = Field(description="How many activities were lost.")
    receipts: list[MoneySum] = Field(
        description="What was received less what went back, by currency."
    )
    refunds: list[MoneySum] = Field(description="What went back, by currency.")
    late_invoices: int = Field(
        description="How many activities have a late invoice now, whatever the month:"
        " `GET /activities?overdue_invoice=true`."
    )
    untouched: int = Field(
        description="How many activities nobody has worked in the room's time to first touch, as"
        " it is now: `GET /activities?untouched=true`."
    )
