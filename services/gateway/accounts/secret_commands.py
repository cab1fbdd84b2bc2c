"""Commands that carry a secret and take effect here: under an Idempotency-Key once. Remembered is a
keyed hash of what was sent, for a plain hash of a password would let it be guessed.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from shared.db import Database, Tx
from shared.db.idempotent_responses import store, stored_response
from shared.idempotency import Replayed
from shared.tenancy import Caller, Command


def keyed_hash(secret: str, value: bytes) -> bytes:
    """A hash of `value` under a key of ours."""
    return hmac.digest(secret.encode(), b"idempotency:" + value, "sha256")


@dataclass(frozen=True, slots=True)
class SecretCommand:
    """A command under an Idempotency-Key, and who sent it."""

    caller: Caller
    command: Command

    @classmethod
    def of(
        cls, caller: Caller, secret: str, headers: Mapping[str, str], route: str, body: bytes
    ) -> "SecretCommand | None":
        """The command, or None without a key; `route` is its method and path."""
        key = headers.get("idempotency-key")
        if not key:
            return None
        fingerprint = keyed_hash(secret, route.encode() + b"\n" + body)
        return cls(caller, Command(key, fingerprint))

    async def is_done(self, database: Database) -> bool:
        """Whether it took effect before. Raises `KeyReused` where the key came with another."""
        try:
            await self.require_first(database)
        except Replayed:
            return True
        return False

    async def require_first(self, database: Database) -> None:
        """Raises `Replayed` with the first response where there is one, or `KeyReused`."""
        async with database.begin_for(self.caller.tenant_id) as tx:
            first = await stored_response(tx.connection, self.caller, self.command)
        if first:
            raise first

    async def claim(self, tx: Tx) -> bool:
        """Remembers the command with what `tx` does; False where another was faster."""
        return await store(tx.connection, self.caller, self.command, 200, b"") is None

    async def mark_done(self, database: Database) -> None:
        """Remembers the command, all of whose effects are there."""
        async with database.begin_for(self.caller.tenant_id) as tx:
            await self.claim(tx)

    async def respond(self, tx: Tx, body: bytes) -> None:
        """Remembers the command with its response, which holds no secret. Raises as
        `require_first`, where another was faster.
        """
        first = await store(tx.connection, self.caller, self.command, 200, body)
        if first:
            raise first
