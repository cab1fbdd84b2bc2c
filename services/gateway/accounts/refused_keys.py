"""Remembers what is known of API keys that were sent lately, so that a wrong one costs no
transaction each time it comes.
"""

from time import monotonic
from uuid import UUID

from shared.errors import Unauthenticated

SECONDS = 30.0
_CACHE_SIZE = 50_000


class RefusedKeys:
    """The stored hash of each key that was looked up, None where there is no such key.

    A key's id and secret are made together and never change, so that neither a missing key nor
    another secret can become right while it is remembered.
    """

    def __init__(self) -> None:
        self._looked_up: dict[tuple[UUID, UUID], tuple[float, bytes | None]] = {}

    def check(self, tenant_id: UUID, key_id: UUID, secret_hash: bytes) -> None:
        """Raises `Unauthenticated` for a secret that is known to be wrong."""
        known = self._looked_up.get((tenant_id, key_id))
        if known and known[0] > monotonic() and known[1] != secret_hash:
            raise Unauthenticated("key")

    def remember(self, tenant_id: UUID, key_id: UUID, stored_hash: bytes | None) -> None:
        """Remembers what a look-up found."""
        if len(self._looked_up) >= _CACHE_SIZE:
            self._looked_up.clear()
        self._looked_up[tenant_id, key_id] = (monotonic() + SECONDS, stored_hash)
