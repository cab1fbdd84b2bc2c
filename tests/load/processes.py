"""What processes cost: CPU seconds and resident memory, read from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """CPU in seconds since the start, resident memory in MB; of a process and, where asked, its
    children.

    `own` is the part of it that no file and no other process shares: what a leak would add to.
    """

    cpu: float
    memory: float
    own: float = 0.0


def cost(pid: int) -> Cost:
    """Of one process and all below it, those that ended included.

    Shared pages count once: each by its proportional size.
    """
    everyone = [pid, *descendants(pid)]
    sizes = [_memory(each) for each in everyone]
    return Cost(
        sum(_cpu(each) for each in everyone),
        sum(whole for whole, _ in sizes),
        sum(own for _, own in sizes),
    )


def cpu(pid: int) -> float:
    """CPU seconds of one process and all below it."""
    return sum(_cpu(each) for each in [pid, *descendants(pid)])


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on."""
    parents = _parents()
    found, wave = [], [pid]
    while wave:
        wave = [child for child, parent in parents.items() if parent in wave]
        found += wave
    return found


def server_pids() -> dict[str, int]:
    """The servers that this process started, by name."""
    found: dict[str, int] = {}
    for child in descendants(os.getpid()):
        words = command_of(child)
        for mark, name in (
            ("kafka.Kafka", "kafka"),
            ("/postgres ", "postgres"),
            ("valkey-server", "redis"),
        ):
            if mark in words and name not in found:
                found[name] = child
    return found


def _parents() -> dict[int, int]:
    stats = {path.parent.name: _text(path) for path in Path("/proc").glob("[0-9]*/stat")}
    return {
        int(pid): int(text.rpartition(")")[2].split()[1]) for pid, text in stats.items() if text
    }


def command_of(pid: int) -> str:
    """The words that a process was started with."""
    return _text(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")


def _cpu(pid: int) -> float:
    """Includes that of children that have ended."""
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(int(each) for each in fields[11:15]) / _TICK if fields else 0.0


def _memory(pid: int) -> tuple[float, float]:
    """All of it, and what is anonymous."""
    lines = [line.split() for line in _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()]
    sizes = {words[0]: int(words[1]) / 1024 for words in lines if words[0] in ("Pss:", "Pss_Anon:")}
    return sizes.get("Pss:", 0.0), sizes.get("Pss_Anon:", 0.0)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
