"""One-time links to choose a password by: invitations, and after a forgotten password.

A link goes to the employee's mailbox. Where no mail server is set, an admin who invites gets it.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from services.gateway.accounts.letters import Kind, letter
from services.gateway.accounts.mail import Mailer
from services.gateway.accounts.staff import NO_TENANT
from services.gateway.accounts.throttle import Throttle
from services.gateway.accounts.tokens import digest, new_secret
from services.gateway.storage import accounts, logins, password_links, tenant_names
from shared.db import Database, Tx
from shared.errors import NotFound, Refusal, Unavailable
from shared.ids import EmployeeId, TenantId

log = structlog.get_logger()
INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)
MOST_RESETS = 100
"""Requests for a reset that wait: beyond, they are dropped, and whoever asked asks again."""
_MOST_ACCOUNTS = 5
_LIVES: dict[Kind, timedelta] = {"invitation": INVITATION_LIFE, "reset": RESET_LIFE}


class Link(NamedTuple):
    """A link for one employee, and the letter that brings it."""

    token: str
    url: str
    expires_at: datetime
    recipient: str
    subject: str
    text: str


class Invitation(NamedTuple):
    """What an admin gets to know of an invitation: its link only where it could not be sent."""

    expires_at: datetime
    sent: bool
    token: str | None
    link: str | None


class PasswordLinks:
    """Makes links and sends them; `public_url` is where people reach the gateway."""

    def __init__(
        self, database: Database, throttle: Throttle, mailer: Mailer, public_url: str
    ) -> None:
        self._database, self._throttle, self._mailer = database, throttle, mailer
        self._public_url = public_url.rstrip("/")
        self._asked: asyncio.Queue[tuple[str, str | None, str]] = asyncio.Queue(MOST_RESETS)
        self._sender: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._sender = asyncio.create_task(self._send_resets())

    async def close(self) -> None:
        if self._sender:
            self._sender.cancel()

    async def invite(
        self, tenant_id: TenantId, employee_id: EmployeeId, language: str
    ) -> Invitation:
        """Replaces the employee's link by a new one.

        Raises `NotFound` for nobody who works there, `Unavailable` where the mail server does not
        take the letter.
        """
        async with self._database.begin_for(tenant_id) as tx:
            account = await accounts.lock(tx, employee_id)
            if account is None or not account["active"] or not account["email"]:
                raise NotFound("employee")
            link = await self._make(tx, account, "invitation", language)
        if not self._mailer.is_set:
            return Invitation(link.expires_at, False, link.token, link.url)
        await self._mailer.send(link.recipient, link.subject, link.text)
        return Invitation(link.expires_at, True, None, None)

    async def invite_new(self, tenant_id: TenantId, employee_id: EmployeeId, language: str) -> None:
        """Invites an employee who was just created, where that can be done by mail; a letter that
        is not taken is sent by inviting again.
        """
        if not self._mailer.is_set:
            return
        try:
            await self.invite(tenant_id, employee_id, language)
        except Refusal as refusal:
            log.warning("invitation_not_sent", employee=str(employee_id), reason=str(refusal))

    def ask(self, email: str, tenant: str | None, language: str) -> None:
        """Notes that somebody forgot a password.

        What follows happens later, so that neither the answer nor its time says whether there is an
        account.
        """
        try:
            self._asked.put_nowait((email, tenant, language))
        except asyncio.QueueFull:
            log.warning("password_reset_dropped")

    async def _send_resets(self) -> None:
        while True:
            email, tenant, language = await self._asked.get()
            try:
                await self._reset(email, tenant, language)
            except Unavailable as error:
                log.warning("password_reset_not_sent", reason=str(error))

    async def _reset(self, email: str, tenant: str | None, language: str) -> None:
        """Sends a link for each account with that e-mail, in all tenants or in one."""
        if not self._mailer.is_set or not await self._throttle.may_mail(email):
            return
        async with self._database.begin_for(NO_TENANT) as tx:
            rows = await logins.find_all(tx, email, _MOST_ACCOUNTS)
            only = await tenant_names.find(tx, tenant) if tenant else None
        for row in rows:
            if tenant and row["tenant_id"] != only:
                continue
            async with self._database.begin_for(TenantId(row["tenant_id"])) as tx:
                account = await accounts.lock(tx, EmployeeId(row["employee_id"]))
                if account is None or not account["active"]:
                    continue
                link = await self._make(tx, account, "reset", language)
            await self._mailer.send(link.recipient, link.subject, link.text)

    async def _make(self, tx: Tx, account: Any, kind: Kind, language: str) -> Link:
        token, life = new_secret(tx.tenant_id), _LIVES[kind]
        expires_at = await password_links.replace(tx, digest(token), account["employee_id"], life)
        names = await tenant_names.names_of(tx, [tx.tenant_id])
        # After the hash sign: a browser sends it to no server, and no log has it.
        url = f"{self._public_url}/password#{token}"
        subject, text = letter(
            kind,
            language,
            name=account["name"],
            link=url,
            tenant=names.get(tx.tenant_id, ""),
            days=life.days,
            minutes=int(life.total_seconds()) // 60,
        )
        return Link(token, url, expires_at, account["email"], subject, text)
