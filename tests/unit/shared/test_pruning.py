"""What is past keeping goes step by step, until a step finds less than it may delete."""

import re
from typing import Any

import pytest

from shared.db import pruning
from shared.db.pruning import KEEP, STEP, prune, prune_step

AGES = {
    "outbox": ("published_at", "3 days"),
    "inbox": ("seen_at", "14 days"),
    "idempotent_response": ("stored_at", "2 days"),
}


class Tables:
    """How many old rows each table has; `steps` are the tables that were asked, in order."""

    def __init__(self, **old: int) -> None:
        self.old, self.steps = old, list[str]()

    async def fetch(self, statement: str) -> list[dict[str, Any]]:
        found = re.search(
            r"DELETE FROM (\w+) .* WHERE (\w+) < now\(\) - interval '(.*?)' LIMIT 5000", statement
        )
        assert found
        table, *kept = found.groups()
        assert tuple(kept) == AGES[table]
        self.steps.append(table)
        pruned = min(STEP, self.old[table])
        self.old[table] -= pruned
        return [{"pruned": pruned}]


async def test_a_step_deletes_of_each_table_by_its_own_age() -> None:
    tables = Tables(outbox=3, inbox=2, idempotent_response=1)
    assert not await prune_step(tables.fetch, *KEEP)
    assert tables.steps == list(AGES) and not any(tables.old.values())


@pytest.mark.parametrize(("old", "steps"), [(0, 1), (STEP - 1, 1), (STEP, 2), (5 * STEP + 7, 6)])
async def test_it_goes_on_until_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, old: int, steps: int
) -> None:
    monkeypatch.setattr(pruning, "PAUSE_SECONDS", 0)
    tables = Tables(inbox=old)
    await prune(tables.fetch, "inbox")
    assert tables.steps == ["inbox"] * steps and tables.old == {"inbox": 0}
