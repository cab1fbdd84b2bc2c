"""Tables as text: which sign stands between cells, and which row names the columns."""

from collections.abc import Sequence

DELIMITERS = (";", ",", "\t", "|")
MOST_BEFORE_HEADER = 10
"""Rows above the header at most: a title, the day of the report."""
_QUOTE = '"'


def delimiter_of(sample: str) -> str:
    """The sign that divides the lines of `sample` into cells: the one that stands in most of them
    equally often, outside quotes. A semicolon where there is none.
    """
    counts = {delimiter: _counts(sample, delimiter) for delimiter in DELIMITERS}
    best, best_score = DELIMITERS[0], 0
    for delimiter in DELIMITERS:
        there = [count for count in counts[delimiter] if count]
        usual = max(there, key=there.count, default=0)
        score = there.count(usual) * usual
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _counts(sample: str, delimiter: str) -> list[int]:
    """How often the sign stands in each line outside quotes."""
    counts, count, quoted = [], 0, False
    for sign in sample:
        if sign == _QUOTE:
            quoted = not quoted
        elif not quoted and sign == delimiter:
            count += 1
        elif not quoted and sign == "\n":
            counts.append(count)
            count = 0
    return [*counts, count] if count else counts


def header_among(rows: Sequence[Sequence[object]]) -> int | None:
    """The place of the row that names the columns among the first `rows`: the first with two cells
    or more, since a title stands in one, merged or not; of a table with one column the first that
    is not empty. None where all are empty.
    """
    filled = [sum(cell not in (None, "") for cell in row) for row in rows[: MOST_BEFORE_HEADER + 1]]
    for place, count in enumerate(filled):
        if count > 1:
            return place
    return next((place for place, count in enumerate(filled) if count), None)
