"""Passwords that people choose for themselves: with the old one, or by a link."""

from uuid import UUID

from services.gateway.accounts import staff
from services.gateway.accounts.audit import note_account
from services.gateway.accounts.callers import Callers
from services.gateway.accounts.origin import Origin
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.throttle import Throttle
from services.gateway.accounts.tokens import digest, tenant_of
from services.gateway.storage import accounts, password_links
from shared.db import Database
from shared.errors import Invalid, NotFound, Unauthenticated
from shared.tenancy import Caller


class PasswordChanges:
    """Changes passwords; every other session of the account ends."""

    def __init__(
        self, database: Database, passwords: Passwords, throttle: Throttle, callers: Callers
    ) -> None:
        self._database, self._passwords = database, passwords
        self._throttle, self._callers = throttle, callers

    async def change_own(
        self, caller: Caller, session_id: UUID | None, old: str, new: str, origin: Origin
    ) -> None:
        """Replaces the caller's password; their session stays.

        Raises `Invalid` for a wrong old one or a bad new one, `Wait` after too many wrong ones.
        """
        async with self._passwords.turns.take(origin.network):
            async with self._database.begin_for(caller.tenant_id) as tx:
                account = await accounts.get(tx, caller.employee_id)
            if account is None:
                raise NotFound("employee")
            attempt = await self._throttle.admit(f"own:{caller.employee_id}", origin.network)
            if not await self._passwords.matches(account["password_hash"], old):
                if await self._passwords.matches(account["password_hash"], new):
                    return  # the same request again
                await self._throttle.record_failure(attempt)
                raise Invalid("old_password", "wrong_password")
            password_hash = await self._passwords.hash_new(
                new, account["email"], account["name"], field="new_password"
            )
        async with self._database.begin_for(caller.tenant_id) as tx:
            locked = await accounts.lock(tx, caller.employee_id)
            if locked["password_hash"] != account["password_hash"]:
                raise Invalid("old_password", "wrong_password")
            await staff.set_password(tx, caller.employee_id, password_hash, kept=session_id)
        self._callers.invalidate(caller.tenant_id, caller.employee_id)

    async def redeem(self, token: str, new: str, origin: Origin) -> None:
        """Sets the password of whoever the link is for, and uses the link up.

        Raises `Unauthenticated` where it is not valid, `Invalid` for a bad password, which leaves
        the link as it is.
        """
        tenant_id, token_hash = tenant_of(token), digest(token)
        async with self._database.begin_for(tenant_id) as tx:
            employee_id = await password_links.find(tx, token_hash)
            account = await accounts.get(tx, employee_id) if employee_id else None
        if employee_id is None or account is None:
            raise Unauthenticated("link")
        note_account(tenant_id, employee_id)
        async with self._passwords.turns.take(origin.network):
            password_hash = await self._passwords.hash_new(new, account["email"], account["name"])
        async with self._database.begin_for(tenant_id) as tx:
            locked = await accounts.lock(tx, employee_id)
            if not await password_links.take(tx, token_hash) or not locked["active"]:
                raise Unauthenticated("link")
            await staff.set_password(tx, employee_id, password_hash)
        self._callers.invalidate(tenant_id, employee_id)
