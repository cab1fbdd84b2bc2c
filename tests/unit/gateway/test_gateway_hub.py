"""A connection is looked at again where a change of its own employee's access is announced."""

from uuid import uuid4

import pytest

from services.gateway.live.hub import Connection, change_of
from services.gateway.live.publisher import ACCESS_CHANGED, announcements_of_access
from shared.ids import EmployeeId, TenantId

ANNA, BORIS = EmployeeId(uuid4()), EmployeeId(uuid4())


def announced(employee_id: EmployeeId, kind: str = ACCESS_CHANGED) -> Connection:
    """Anna's connection after a change of `employee_id` was announced."""
    connection = Connection(ANNA)
    _, _, *call = announcements_of_access("", TenantId(uuid4()), [employee_id])[0]
    parts = [part.encode() for part in call[call.index("*") + 1 :]]
    fields = dict(zip(parts[::2], parts[1::2], strict=True)) | {b"kind": kind.encode()}
    connection.offer(change_of(b"1-1", fields))
    return connection


@pytest.mark.parametrize("kind", [ACCESS_CHANGED, "employee.changed"])
def test_a_change_of_its_own_access_makes_a_connection_watched(kind: str) -> None:
    assert announced(ANNA, kind).watched_until > 0


@pytest.mark.parametrize(("who", "kind"), [(BORIS, ACCESS_CHANGED), (ANNA, "activity.taken")])
def test_other_changes_ask_nothing_about_a_connection(who: EmployeeId, kind: str) -> None:
    assert announced(who, kind).watched_until == 0
