"""The ways by which notifications reach people, behind one small interface."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol
from uuid import UUID

from services.gateway.accounts.mail import Mailer, Undeliverable
from services.gateway.reminders.texts import Message
from services.gateway.storage import accounts
from shared.db import Tx
from shared.vocabulary import NotificationChannel


class ChannelFault(Exception):
    """A message that this channel will not take, for good; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel(Protocol):
    """One way. It is there only where the installation has the means for it."""

    @property
    def name(self) -> NotificationChannel: ...

    async def addresses(self, tx: Tx, people: Collection[UUID]) -> Mapping[UUID, Any]:
        """Where people are reached, by person; who is not has none."""
        ...

    async def send(self, address: Any, message: Message) -> None:
        """Sends a message; one that is sent again replaces the first, or is known as the same.

        Raises `Unavailable` for what may pass, `ChannelFault` for what stays.
        """
        ...


class EmailChannel:
    """Letters to the address of the account."""

    name: NotificationChannel = "email"

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def addresses(self, tx: Tx, people: Collection[UUID]) -> Mapping[UUID, Any]:
        return {
            row["employee_id"]: row["email"]
            for row in await accounts.find_all(tx)
            if row["employee_id"] in people and row["email"]
        }

    async def send(self, address: Any, message: Message) -> None:
        try:
            await self._mailer.send(address, message.subject, message.text, message.id)
        except Undeliverable as refused:
            raise ChannelFault(f"refused_{refused.smtp_code}") from refused
