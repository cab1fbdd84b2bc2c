"""What a sender says of a payment, written one way by whatever door it comes: its id there, and who
is on the other side, as a bank knows them.
"""

import re
import unicodedata
from typing import Annotated, LiteralString

from pydantic import AfterValidator, Field, StringConstraints

from shared.rules import rule_broken
from shared.text import Line

LONGEST_ID = 200


def _canonical_id(text: str) -> str:
    """One spelling of a sender's id: NFKC, without format characters (zero width, direction of
    writing) and spaces around; the case may be meant.
    """
    composed = unicodedata.normalize("NFKC", text)
    visible = "".join(sign for sign in composed if unicodedata.category(sign) != "Cf").strip()
    if not visible:
        raise rule_broken("empty")
    if len(visible) > LONGEST_ID:
        raise rule_broken("too_long", max=LONGEST_ID)
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in visible):
        raise rule_broken("storable")
    return visible


def _checked(pattern: str, rule: LiteralString) -> AfterValidator:
    form = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise rule_broken(rule)
        return text

    return AfterValidator(check)


ExternalId = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_ID), AfterValidator(_canonical_id)
]
_Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Account = Annotated[
    _Code,
    _checked("[0-9]{20}|[A-Z]{2}[0-9A-Z]{13,32}", "account_or_iban"),
    Field(examples=["40702810900000000017"]),
]
"""The number of a bank account: 20 digits, or an IBAN."""
PayerInn = Annotated[_Code, _checked("[0-9]{5,12}", "payer_inn"), Field(examples=["7701234567"])]
"""As the bank has it: it may be none by our rules, and money is recorded all the same."""
PayerKpp = Annotated[_Code, _checked("[0-9A-Z]{9}", "kpp"), Field(examples=["770101001"])]
DocumentNumber = Annotated[Line, StringConstraints(max_length=50)]
"""The number of a payment order."""
