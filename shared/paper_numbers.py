"""Numbers of papers, invoices and closing documents: one canonical form, wherever they are typed or
looked for.
"""

import re
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


_WORDS = re.compile(
    r"(?:(?:счет|фактура|накладная|invoice|inv|на оплату|no|n|#|№)(?=[\W\d_]|$)[\W_]*)+"
)
"""What stands before a number where it is written out; `№` is `No` by NFKC."""
_DATE = re.compile(r"\s+(?:от|of|dated)\s+\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\D*$")
_RUNS = re.compile(r"\d+|[^\W\d_]+")
_LOOK_ALIKES = str.maketrans("авекмнорстухіѕјё", "abekmhopctyxisje")
"""Cyrillic letters that on paper are Latin ones."""


def search_number(typed: str) -> str:
    """The form in which numbers are stored to be found and in which they are asked for: its letters
    in one alphabet, its digits without leading zeros, hyphens between them; without `счёт №` before
    it and the date behind it. Empty for what has no digit.
    """
    number = canonical_number(typed).casefold().replace("ё", "е")
    bare = _DATE.sub("", number)
    bare = bare[prefix.end() :] if (prefix := _WORDS.match(bare)) else bare
    runs = [run.lstrip("0") or "0" if run.isdecimal() else run for run in _RUNS.findall(bare)]
    if not any(run.isdecimal() for run in runs):
        return ""
    return "-".join(runs).translate(_LOOK_ALIKES)
