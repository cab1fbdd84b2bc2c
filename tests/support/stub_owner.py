"""A stub of the activities service as the owner of the directory."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from shared.events import Event, PublishedEvent
from shared.replicas import Snapshot


class StubOwner:
    """Responds with the snapshots that it has; records the fetched and the pushed ones."""

    def __init__(self) -> None:
        self.snapshots: dict[tuple[str, str], list[Snapshot]] = {}
        self.fetched: list[tuple[str, str]] = []
        self.pushed: list[dict[str, Any]] = []
        self.work: dict[str, dict[str, Any]] = {}

    @property
    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/internal/snapshots/{kind}/{subject}", self._fetch)
        app.router.add_post("/internal/snapshots", self._receive)
        return app

    def owns(self, kind: str, subject: UUID, *events: Event, version: int = 1) -> None:
        """Sets the snapshots of `subject`, which is of `kind`."""
        self.snapshots[kind, str(subject)] = [
            Snapshot.of(event, subject, version) for event in events
        ]

    def owns_published(self, *events: PublishedEvent) -> None:
        """Adds a snapshot of each event in place of its subject's earlier one."""
        for published in events:
            envelope = published.envelope
            self.owns(
                published.event.noun, envelope.subject, published.event, version=envelope.version
            )

    def had_month(
        self, company_id: UUID, period: str, wins: Mapping[UUID, int], claimed: Sequence[str] = ()
    ) -> None:
        """Sets the wins of a company's month with their versions, and the payments in roubles that
        nobody has confirmed.
        """
        data = {
            "as_of": datetime.now(UTC).isoformat(),
            "wins": [[str(activity_id), version] for activity_id, version in wins.items()],
            "claimed": [{"count": 1, "amount": paid, "currency": "RUB"} for paid in claimed],
            "unmatched": [],
        }
        month = Snapshot(type="company_month", subject=company_id, version=1, data=data)
        self.snapshots[f"company_month.{period}", str(company_id)] = [month]

    def works(
        self,
        client_id: UUID,
        room_ids: Sequence[UUID] = (),
        in_work: Sequence[tuple[UUID, UUID]] = (),
    ) -> None:
        """Sets which rooms have entered a client, and the companies and sellers of its activities
        in work. Without it every room sees the client, and nobody works it.
        """
        self.work[str(client_id)] = {
            "room_ids": [str(room_id) for room_id in room_ids],
            "in_work": [
                {"company_id": str(company_id), "responsible_id": str(seller_id)}
                for company_id, seller_id in in_work
            ],
        }

    def pushed_about(self, subject: str) -> list[dict[str, Any]]:
        """The snapshots of `subject` that were pushed, in order."""
        return [snapshot for snapshot in self.pushed if snapshot["subject"] == subject]

    async def _fetch(self, request: web.Request) -> web.Response:
        reference = request.match_info["kind"], request.match_info["subject"]
        if reference[0] == "client_work":
            return web.json_response({"snapshots": [self._work_of(reference[1])]})
        self.fetched.append(reference)
        if reference not in self.snapshots:
            return web.Response(status=404)
        snapshots = [snapshot.model_dump(mode="json") for snapshot in self.snapshots[reference]]
        return web.json_response({"snapshots": snapshots})

    def _work_of(self, client_id: str) -> dict[str, Any]:
        work = self.work.get(client_id, {"room_ids": [], "in_work": []})
        return {"type": "client_work", "subject": client_id, "version": 1, "data": work}

    async def _receive(self, request: web.Request) -> web.Response:
        self.pushed += (await request.json())["snapshots"]
        return web.Response(status=204)
