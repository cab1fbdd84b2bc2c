"""Days and months are the company's: a moment's own date is UTC's, which is nobody's.

`shared.clock` alone turns moments into days, told the time zone.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALLOWED = {
    "shared/clock.py": "where it is done, with the zone",
    "shared/web/messages/__init__.py": "writes a moment out, and says UTC beside it",
    "services/activities/domain/import_cells.py": "a cell's day and time are of no zone",
    "services/activities/handlers/importing/tables.py": "a workbook's days are of no zone",
}
OF_MOMENTS = {"date", "today", "utcnow", "utcfromtimestamp", "combine", "strftime"}
OF_SQL = {"current_date", "date_trunc", "to_char"}


def breaches(source: str) -> Iterator[int]:
    """The lines on which a moment becomes a day or a month without a zone."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in OF_MOMENTS | OF_SQL and not _names_its_zone(node):
                yield node.lineno
        elif isinstance(node, ast.FormattedValue) and node.format_spec and _is_day(node):
            yield node.lineno


def _names_its_zone(call: ast.Call) -> bool:
    """Whether a zone is told (`combine(day, time, zone)`), or a day stands in the source."""
    written = bool(call.args) and all(isinstance(part, ast.Constant) for part in call.args)
    return written or len(call.args) == len(("day", "time", "zone"))


def _is_day(node: ast.FormattedValue) -> bool:
    written = ast.unparse(node)
    return any(part in written for part in ("%Y", "%m", "%d"))


def test_no_moment_becomes_a_day_outside_the_clock() -> None:
    """Use `shared.clock.local_day`, `start_of_day`, `end_of_day` or `period_of`."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("services", "shared")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in ALLOWED and "migrations" not in path.parts
        for line in breaches(path.read_text())
    ]
    assert not found


def test_breaches_are_found_in_their_spellings() -> None:
    source = "now.date()\ndate.today()\nf'{now:%Y-%m}'\ndatetime.combine(day, time())\n"
    source += "func.current_date()\nlocal_day(now, zone)\nactivity.date\n"
    assert sorted(breaches(source)) == [1, 2, 3, 4, 5]
