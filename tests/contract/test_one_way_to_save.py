"""An activity's events are saved in one place, where renewals follow them."""

import ast
from pathlib import Path

SERVICE = Path(__file__).parents[2] / "services" / "activities"
THE_PLACE = SERVICE / "handlers" / "saving.py"
SAVING = {"events.publish", "activities.save", "activities.save_taken", "activities.insert_new"}


def calls(path: Path) -> set[str]:
    """The functions of `SAVING` that a file calls by their modules' names."""
    return {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    } & SAVING


def test_only_one_module_publishes_and_writes_activities() -> None:
    storage = SERVICE / "storage"
    paths = [path for path in SERVICE.rglob("*.py") if storage not in path.parents]
    savers = {path for path in paths if calls(path)}
    assert savers == {THE_PLACE}, "save by handlers.saving, where renewals follow a win"
