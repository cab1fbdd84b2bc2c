"""`make mutants`: changes each rule on purpose with mutmut and reports what no unit test noticed.

Fails when fewer than nine of ten changes are noticed, when one survives without a reason in
`survivors.toml`, or when a reason there matches nothing any more. Arguments are patterns of mutants
(`services.vip.*`): only those are run again and reported.
"""

import re
import shutil
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from mutmut.__main__ import run
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

from tests.mutants.properties import include_properties

FLOOR = 0.9
REASONS = Path(__file__).with_name("survivors.toml")


class Mutant(NamedTuple):
    """A change: its `function` as `module.Class.name`, its `lines` as a diff has them."""

    name: str
    path: str
    noticed: bool
    function: str
    lines: str


def mutants(patterns: Sequence[str]) -> Iterator[Mutant]:
    """The changes that were tried, of those that `patterns` name."""
    for path in walk_mutatable_files():
        results = SourceFileMutationData(path=path)
        results.load()
        for name, exit_code in results.exit_code_by_key.items():
            if patterns and not any(fnmatch(name, pattern) for pattern in patterns):
                continue
            noticed, diff = status_by_exit_code[exit_code] in ("killed", "timeout"), ""
            if not noticed:
                diff = get_diff_for_mutant(name, path=path)
            lines = [line for line in diff.splitlines()[2:] if line.startswith(("-", "+"))]
            module, _, generated = re.sub(r"__mutmut_\d+$", "", name).rpartition(".")
            function = f"{module}.{re.sub('^x(_|ǁ)', '', generated).replace('ǁ', '.')}"
            yield Mutant(name, str(path), noticed, function, "\n".join(lines))


def explains(reason: dict[str, str], mutant: Mutant) -> bool:
    """Whether `reason` is given for this change of this function."""
    change = re.search(reason.get("change", ""), mutant.lines)
    return change is not None and fnmatch(mutant.function, reason["function"])


def unexplained(survivors: Sequence[Mutant], whole: bool) -> Iterator[str]:
    """Survivors without a reason, and of a `whole` run the reasons without a survivor."""
    stale = tomllib.loads(REASONS.read_text())["survivor"]
    reasons = list(stale)
    for mutant in survivors:
        fitting = [reason for reason in reasons if explains(reason, mutant)]
        stale = [reason for reason in stale if reason not in fitting]
        if not fitting:
            yield f"no reason: {mutant.name}\n{mutant.lines}"
    yield from (f"stale reason: {reason}" for reason in stale if whole)


def main(patterns: Sequence[str]) -> int:
    """Runs the mutants, prints a line a module and what is wrong; 1 where something is."""
    include_properties()
    if not patterns:
        shutil.rmtree("mutants", ignore_errors=True)
    assert run.callback
    run.callback(tuple(patterns), max_children=1)
    tried = list(mutants(patterns))
    counts = Counter((mutant.path, mutant.noticed) for mutant in tried)
    print(f"\n{'module':48}{'noticed':>9}{'survived':>9}{'total':>7}")
    for path in sorted({mutant.path for mutant in tried}):
        noticed, survived = counts[path, True], counts[path, False]
        print(f"{path:48}{noticed:9}{survived:9}{noticed + survived:7}")
    survivors = [mutant for mutant in tried if not mutant.noticed]
    share = 1 - len(survivors) / len(tried)
    print(f"{len(tried) - len(survivors)} of {len(tried)} changes noticed: {share:.1%}")
    wrong = [*unexplained(survivors, whole=not patterns)]
    if share < FLOOR:
        wrong.append(f"fewer than {FLOOR:.0%} of the changes are noticed")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
