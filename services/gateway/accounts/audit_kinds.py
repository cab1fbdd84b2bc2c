"""What the audit keeps of an operation."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["change", "session", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """How an operation is recorded.

    A `change` and a `session` (log-in and log-out) are recorded before they are answered, a `read`
    within a second. `target` says whose ids the entry has: those in the path, in `query_ids`, in
    `body_ids`, and the `id` of the response to a creation. Of a body and a query the entry has the
    names of the fields, and the values of `values` alone: codes, ids and numbers, never what
    identifies a person. With `only_refused` a success is not worth an entry.
    """

    name: str
    target: str
    kind: Kind = "change"
    query_ids: tuple[str, ...] = ()
    body_ids: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    only_refused: bool = False


def session(name: str, only_refused: bool = False) -> Audited:
    return Audited(name=name, target="employee", kind="session", only_refused=only_refused)


def read(name: str, target: str, *query_ids: str, values: tuple[str, ...] = ()) -> Audited:
    return Audited(name=name, target=target, kind="read", query_ids=query_ids, values=values)


def change(name: str, target: str, *values: str, body_ids: tuple[str, ...] = ()) -> Audited:
    return Audited(name=name, target=target, values=values, body_ids=body_ids)


def export(name: str, target: str) -> Audited:
    """A list that leaves as a file, with the ids and codes that it was narrowed by."""
    return read(name, target, "room_id", "company_id", values=("format", "status", "state"))
