"""Whether some order of events, one at a time, explains every answer (linearizability, after Wing
and Gong).

A model is a pure function `step(state, call) -> state | None`: the state after `call` if
`call.response` is right from `state`, else None. A call of unknown outcome may have happened
at any moment after its start, or never.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from tests.chaos.calls import UNSURE, Call

S = TypeVar("S", bound=Hashable)
Step = Callable[[S, Call], S | None]
NEVER = float("inf")


def explained(calls: Sequence[Call], start: S, step: Step[S]) -> list[Call] | None:
    """An order that explains `calls`, or None where there is none."""
    fields = sorted(calls, key=lambda call: call.start)
    ends = [NEVER if call.status == UNSURE else call.end for call in fields]
    done_all = sum(1 << number for number, call in enumerate(fields) if call.status != UNSURE)
    failed: set[tuple[int, S]] = set()
    stack: list[tuple[int, S, tuple[int, ...]]] = [(0, start, ())]
    while stack:
        done, state, order = stack.pop()
        if done & done_all == done_all:
            return [fields[number] for number in order]
        if (done, state) in failed:
            continue
        failed.add((done, state))
        left = [number for number in range(len(fields)) if not done >> number & 1]
        # Whoever started after another one ended cannot come before it.
        first_end = min(ends[number] for number in left)
        for number in reversed(left):
            call = fields[number]
            if call.start > first_end:
                continue
            after = step(state, call)
            if after is not None:
                stack.append((done | 1 << number, after, (*order, number)))
    return None


def story(calls: Sequence[Call]) -> str:
    """The calls in words, for a failure's text."""
    lines = sorted(calls, key=lambda call: call.start)
    zero = lines[0].start if lines else 0
    return "\n".join(
        f"{(call.start - zero) * 1000:8.1f} {(call.end - zero) * 1000:8.1f} ms  {call.who:10}"
        f" {call.what:12} {call.status} {call.code}"
        for call in lines
    )
