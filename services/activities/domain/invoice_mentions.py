"""Numbers of invoices in the purpose of a payment, as people write them: after `счёт`, `сч.`, `№`,
`N` or `No`, with or without a date, several in one purpose.

Numbers of contracts, acts, closing documents and accounts, sums and dates are none.
"""

import re
from dataclasses import dataclass, replace
from datetime import date

from shared.paper_numbers import canonical_number, search_number

LONGEST_PURPOSE = 1000
"""Signs of a purpose that are read; a bank's own limit is 210."""
MOST = 20
LONGEST_RUN = 15
"""Digits in a row: more of them are an account."""

_INVOICE = re.compile(r"(?:счет(?:а|у|ом|е|ов|ам|ами|ах)?|сч|инвойс\w{0,2}|invoices?|inv)$")
_FOREIGN = re.compile(
    r"(?:дог|договор\w*|контр|контракт\w*|акт|акта|акту|актам|актов|накл|накладн\w*|упд|торг|"
    r"спец|спецификац\w*|прил|приложени\w*|заказ\w*|зак|заявк\w*|фактур\w*|сф|соглашени\w*|дс|"
    r"ордер\w*|поручени\w*|пп|инн|кпп|бик|кбк|октмо|уин|уип|ндс|сумм\w*|тел|чек\w*|лот\w*|полис\w*|"
    r"реестр\w*|этап\w*|contract\w*|order|act|vat|лс|рс|кс)$"
)
_RESET = re.compile(r"(?:оплат\w*|опл|платеж|платежа|payment|возврат\w*|аванс\w*|предоплат\w*)$")
_MARKS = {"n", "no", "nr", "номер", "номера", "ном"}
_NEUTRAL = {"на", "оплату", "покупателю", "клиенту", "поставщика", "г", "года", "от", "of"}
_OF_ACCOUNT = re.compile(r"(?:расч|расчетн\w*|лиц|лицев\w*|корр|банковск\w*|р|л|к)$")
_LATIN = str.maketrans("abcehkmoptxy", "авсенкмортху")
"""Latin letters that on paper are Cyrillic ones, as in `cчет`."""

_MONTHS = ["янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]
_SUMS = re.compile(
    r"(?<![\w./-])(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,=-]\d{2})?\s*(?:руб|р\b|₽|коп|%|rub|eur|usd)"
)
_TOKEN = re.compile(
    r"(?:от|of|dated)\s*\W?(?P<d>\d{1,2})(?:[./-](?P<m>\d{1,2})[./-]|\W?\s+"
    rf"(?P<month>{'|'.join(_MONTHS)})\w*\s+)(?P<y>\d{{4}}|\d{{2}})(?!\d)"
    r"|(?:от|of|dated)\s*(?P<y2>\d{4})-(?P<m2>\d{2})-(?P<d2>\d{2})(?!\d)"
    r"|(?<![\w.])(?P<d3>\d{1,2})\.(?P<m3>\d{1,2})\.(?P<y3>\d{4}|\d{2})(?![\w])"
    r"|(?P<number>(?:[^\W\d_]{1,8}[-/\\_.]?){0,3}\d+[^\W\d_]{0,3}(?:"
    r"[-/\\_–—](?!ндс|без|руб|от\b)(?:\d+[^\W\d_]{0,3}|[^\W\d_]{1,4}(?![^\W_]))|\.\d+)*)"
    r"|(?P<word>[^\W\d_]+)|(?P<mark>#)|(?P<separator>[,;&+])|(?P<other>[^\s.:])"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_KOPECKS = re.compile(r"\d+[.,]\d\d")


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in the form of `search_number`, and the day of issue that stands with it."""

    form: str
    issued_on: date | None = None


def find_mentions(purpose: str) -> tuple[Mention, ...]:
    """The invoices that a purpose mentions, in its order, each once; at most `MOST`."""
    reader = _Reader()
    for token in _TOKEN.finditer(_prepared(purpose)):
        reader.take(token)
    mentions: dict[str, Mention] = {}
    for mention in reader.mentions:
        first = mentions.setdefault(mention.form, mention)
        if first.issued_on is None:
            mentions[mention.form] = mention
    return tuple(mentions.values())[:MOST]


def _prepared(purpose: str) -> str:
    """One line in small letters without sums, `№` kept apart from what it stands at."""
    text = canonical_number(purpose[:LONGEST_PURPOSE].replace("№", " # "))
    text = text.casefold().replace("ё", "е")
    return _SUMS.sub(" ~ ", re.sub(r"(?<=\d)(от|of)(?=\s*\d)", r" \1 ", text))


class _Reader:
    """What a purpose has said up to a token: the noun that numbers belong to, and whether one is
    awaited: after the noun or a mark, or as the next of a list.
    """

    def __init__(self) -> None:
        self.mentions: list[Mention] = []
        self._is_foreign = False
        self._of_account = False
        self._awaited = self._after_mark = self._in_list = self._listed = self._dated = False
        self._joined = False

    def take(self, token: re.Match[str]) -> None:
        kind, text = token.lastgroup, token.group()
        if kind == "number":
            self._number(text)
        elif kind == "word":
            self._word(text)
        elif kind == "mark":
            self._mark()
        elif kind == "separator":
            self._listed = self._in_list
        elif kind == "other":
            self._other(text)
        else:
            self._date(token)

    def _number(self, text: str) -> None:
        """A number may have its noun or mark glued to it: `сч17`, `N17`."""
        letters = _LETTERS.match(text)
        if letters and self._is_noun(letters.group()):
            self._word(letters.group())
            text = text[letters.end() :].lstrip("-/\\_.")
        is_sum = self._listed and not self._awaited and _KOPECKS.fullmatch(text)
        if (self._awaited or self._listed) and not self._is_foreign and not is_sum:
            self._add(text)
        self._awaited = self._after_mark = self._listed = False

    def _add(self, text: str) -> None:
        form = search_number(text)
        if form and max(map(len, re.findall(r"\d+", text))) <= LONGEST_RUN:
            self.mentions.append(Mention(form))
            self._in_list, self._dated = True, True

    def _word(self, word: str) -> None:
        cyrillic = word.translate(_LATIN)
        if word in _MARKS:
            self._mark()
        elif word == "и":
            self._listed = self._in_list
        elif _INVOICE.match(word) or _INVOICE.match(cyrillic):
            self._noun(is_foreign=self._of_account)
        elif self._awaited and self._joined and cyrillic.startswith("договор"):
            pass  # `счет-договор` is an invoice.
        elif _FOREIGN.match(word) or _FOREIGN.match(cyrillic):
            self._noun(is_foreign=True)
        elif _RESET.match(cyrillic) and word != "оплату":
            self._noun(is_foreign=False)
            self._awaited = False
        elif word not in _NEUTRAL:
            self._in_list = self._listed = self._dated = False
            # `№ А 17`: the prefix is ignored.
            self._awaited = self._after_mark and len(word) <= len("abc")
        self._of_account = bool(_OF_ACCOUNT.match(cyrillic))
        self._joined = False

    def _is_noun(self, letters: str) -> bool:
        cyrillic = letters.translate(_LATIN)
        nouns = (_INVOICE.match(letters), _INVOICE.match(cyrillic), _FOREIGN.match(cyrillic))
        return letters in _MARKS or any(nouns)

    def _noun(self, is_foreign: bool) -> None:
        self._is_foreign = is_foreign
        self._awaited = not is_foreign
        self._after_mark = self._in_list = self._listed = self._dated = False

    def _mark(self) -> None:
        self._awaited = self._after_mark = not self._is_foreign

    def _other(self, sign: str) -> None:
        """`р/сч` is an account, `счет-фактура` no invoice: what joins words changes nothing."""
        self._joined = sign == "-"
        if sign not in "/-–—\"«»()'":
            self._listed = self._of_account = False

    def _date(self, token: re.Match[str]) -> None:
        day = _day(token)
        if self._dated and day and not self._is_foreign:
            self.mentions[-1] = replace(self.mentions[-1], issued_on=day)
        self._dated = self._listed = False


def _day(token: re.Match[str]) -> date | None:
    day, month, year = (
        next((token[name] for name in names if token[name]), "")
        for names in (("d", "d2", "d3"), ("m", "m2", "m3"), ("y", "y2", "y3"))
    )
    number = _MONTHS.index(token["month"]) + 1 if token["month"] else int(month)
    try:
        return date(int(year) + (2000 if len(year) == len("26") else 0), number, int(day))
    except ValueError:
        return None
