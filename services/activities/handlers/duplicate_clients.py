"""Finds clients that are one, entered twice before identities had one form each: the job's report
names the pairs, and an admin merges them.

First each client is made to be found by the canonical form of its contacts; then the identities
that several clients have are looked through.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from services.activities.domain.duplicates import duplicates_by
from services.activities.domain.identity import Identity, identities_of
from services.activities.storage import clients, duplicate_clients
from shared.contacts import canonical_phone
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import EmployeeId
from shared.jobs import Job, RefusedElement, StepResult, enqueue
from shared.text import canonical_email

FIND_DUPLICATE_CLIENTS = "find_duplicate_clients"
CLIENTS_AT_ONCE = 200
IDENTITIES_AT_ONCE = 2000
_FIRST = UUID(int=0)


async def start_finding(tx: Tx, by: EmployeeId) -> Job:
    """Enqueues the job; one that waits already is the same."""
    total = await duplicate_clients.count_clients(tx)
    return await enqueue(tx, FIND_DUPLICATE_CLIENTS, {}, owner_id=by, dedupe_key="all", total=total)


async def find_duplicate_clients(tx: Tx, job: Job) -> StepResult:
    """The next clients or, after the last of them, the next identities."""
    cursor: Any = job.cursor or {"client": str(_FIRST)}
    if "client" in cursor:
        return await _know_by_canonical_form(tx, UUID(cursor["client"]))
    kind, value, client_id = cursor["identity"]
    return await _find_among(tx, (kind, value, UUID(client_id)))


def _canonical_identities(client: Row) -> list[Identity]:
    """The identities of a stored client as whoever types them today is understood."""
    return identities_of(
        {
            "inn": client["inn"],
            "phones": [canonical_phone(phone) or phone for phone in client["phones"]],
            "emails": [canonical_email(email) for email in client["emails"]],
        }
    )


async def _know_by_canonical_form(tx: Tx, after: UUID) -> StepResult:
    rows = await duplicate_clients.page_of_clients(tx, after, CLIENTS_AT_ONCE)
    for row in rows:
        canonical = _canonical_identities(row)
        if missing := sorted({*canonical} - {*identities_of(row)}):
            await _claim(tx, row["id"], missing)
    if len(rows) < CLIENTS_AT_ONCE:
        return StepResult(cursor={"identity": ["", "", str(_FIRST)]}, done=len(rows))
    return StepResult(cursor={"client": str(rows[-1]["id"])}, done=len(rows))


async def _claim(tx: Tx, client_id: UUID, identities: Sequence[Identity]) -> None:
    """Lets the client be found by these identities too, unless it has been changed meanwhile."""
    await clients.lock_identities(tx, identities)
    row = await clients.lock(tx, client_id)
    still = {*_canonical_identities(row)}
    if row["merged_into"] is None and still.issuperset(identities):
        await clients.claim_identities(tx, client_id, identities)


async def _find_among(tx: Tx, last: tuple[str, str, UUID]) -> StepResult:
    rows = await duplicate_clients.page_of_identities(tx, last, IDENTITIES_AT_ONCE)
    is_last = len(rows) < IDENTITIES_AT_ONCE
    by_identity = _clients_by_identity(rows)
    if not is_last and len(by_identity) > 1:
        # It may go on behind this page; it begins the next.
        by_identity.popitem()
    pairs = await _duplicates(tx, by_identity)
    if is_last:
        return StepResult(cursor=None, refusals=pairs, finished=True)
    identity, ids = list(by_identity.items())[-1]
    return StepResult(cursor={"identity": [*identity, str(ids[-1])]}, refusals=pairs)


def _clients_by_identity(rows: Sequence[Row]) -> dict[Identity, list[UUID]]:
    return {
        Identity(kind, value): [row["client_id"] for row in group]
        for (kind, value), group in groupby(rows, lambda row: (row["kind"], row["value"]))
    }


async def _duplicates(tx: Tx, by_identity: dict[Identity, list[UUID]]) -> list[RefusedElement]:
    several = {identity: ids for identity, ids in by_identity.items() if len(ids) > 1}
    if not several:
        return []
    ids = {id_ for group in several.values() for id_ in group}
    rows = await duplicate_clients.clients_of(tx, sorted(ids))
    by_id = {id_: (row, _canonical_identities(row)) for id_, row in rows.items()}
    return [
        RefusedElement(str(newer), identity.kind, "same_client", {"client_id": str(older)})
        for identity, group in several.items()
        for older, newer in duplicates_by(identity, [by_id[i] for i in group if i in by_id])
    ]
