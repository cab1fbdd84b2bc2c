"""Who sees a client and who works them, as the activities service has it at this moment.

Asked once a claim and kept nowhere: every activity of every client would have to be followed here
for the few that are ever claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.errors import Refusal
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, TenantId
from shared.replicas import PeerClient

KIND = "client_work"


class WorkedByAnother(Refusal):
    """A colleague works an activity of the client for this company."""

    code = "worked_by_another"


class ClientWorkUnknown(Exception):
    """The owner is to be asked, with no transaction open, and the claim made again."""


@dataclass(frozen=True, slots=True)
class ClientWork:
    """The rooms that have entered a client, and who works for which company with them."""

    room_ids: frozenset[RoomId]
    in_work: frozenset[tuple[CompanyId, EmployeeId]]

    def require_unworked(self, company_id: CompanyId, seller: EmployeeId) -> None:
        """Raises `WorkedByAnother` where somebody else than `seller` works the client."""
        workers = {employee for company, employee in self.in_work if company == company_id}
        if workers - {seller}:
            raise WorkedByAnother


async def find_group_work(
    activities: PeerClient, tenant_id: TenantId, client_ids: Sequence[ClientId]
) -> ClientWork | None:
    """The rooms that see the first client, the head of its group, and who works any of them; None
    where the first is not there.

    Raises `Unavailable` where the owner does not answer.
    """
    head, *members = client_ids
    work = await find_client_work(activities, tenant_id, head)
    for client_id in members:
        of_member = await find_client_work(activities, tenant_id, client_id)
        if work and of_member:
            work = ClientWork(work.room_ids, work.in_work | of_member.in_work)
    return work


async def find_client_work(
    activities: PeerClient, tenant_id: TenantId, client_id: ClientId
) -> ClientWork | None:
    """The client's work; None where there is no such client.

    Raises `Unavailable` where the owner does not answer.
    """
    for snapshot in await activities.fetch(tenant_id, KIND, client_id):
        return ClientWork(
            frozenset(RoomId(UUID(room_id)) for room_id in snapshot.data["room_ids"]),
            frozenset(
                (CompanyId(UUID(work["company_id"])), EmployeeId(UUID(work["responsible_id"])))
                for work in snapshot.data["in_work"]
            ),
        )
    return None
