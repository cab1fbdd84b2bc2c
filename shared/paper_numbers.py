"""Numbers of papers, invoices and closing documents: one canonical form, wherever they are typed or
looked for.
"""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

from shared.rules import rule_broken
from shared.text import Line


def canonical_number(typed: str) -> str:
    """NFKC, without format characters, blanks joined into one space: look-alikes are one number."""
    composed = unicodedata.normalize("NFKC", typed)
    visible = "".join(sign for sign in composed if unicodedata.category(sign) != "Cf")
    return " ".join(visible.split())


def _canonical(typed: str) -> str:
    number = canonical_number(typed)
    if not number:
        raise rule_broken("empty")
    return number


PaperNumber = Annotated[Line, AfterValidator(_canonical)]
