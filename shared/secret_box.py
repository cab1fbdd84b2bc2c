"""Secrets that must be read again, encrypted where they rest: of second factors, of providers."""

import hmac
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import NotConfigured

_ID_BYTES, _NONCE_BYTES = 4, 12


class SecretBox:
    """Seals with the first of `keys` and opens with any, so that keys can be changed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._ciphers: dict[bytes, AESGCM] = {}
        for key in keys:
            made = hmac.digest(key.encode(), b"sales secret box", "sha256")
            identity = hmac.digest(made, b"id", "sha256")[:_ID_BYTES]
            self._ciphers[identity] = AESGCM(made)

    @classmethod
    def of(cls, keys: str) -> "SecretBox":
        """Of keys separated by commas, the newest first."""
        return cls([key.strip() for key in keys.split(",") if key.strip()])

    @property
    def usable(self) -> bool:
        """Whether there is a key at all."""
        return bool(self._ciphers)

    def require(self) -> None:
        """Raises `NotConfigured` without a key."""
        if not self.usable:
            raise NotConfigured("encryption")

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """`plain` encrypted for one `purpose`, such as whose secret it is.

        Raises `NotConfigured` without a key.
        """
        self.require()
        identity, cipher = next(iter(self._ciphers.items()))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return identity + nonce + cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed for `purpose`. Raises `ValueError` where it was not, or under a key that
        is gone.
        """
        cipher = self._ciphers.get(bytes(sealed[:_ID_BYTES]))
        if cipher is None:
            raise ValueError("sealed under another key")
        nonce = sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, sealed[_ID_BYTES + _NONCE_BYTES :], purpose.encode())
        except InvalidTag:
            raise ValueError("not sealed for this") from None
