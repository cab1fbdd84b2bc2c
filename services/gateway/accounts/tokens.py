"""Access tokens (JWT, HS256 only), and the opaque secrets of refresh tokens and API keys, which are
stored as hashes.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from time import time
from typing import Any
from uuid import UUID

import jwt

from services.gateway.accounts.token_keys import TokenKeys
from shared.errors import Unauthenticated
from shared.ids import EmployeeId, TenantId, new_id

ISSUER = "sales-gateway"
AUDIENCE = "sales-api"
KEY_PREFIX = "sk_"
_REQUIRED = ["exp", "iss", "aud", "sub", "ten", "sid", "jti"]


@dataclass(frozen=True, slots=True)
class Identity:
    """The employee and the session that a verified token names.

    It expires at `expires_at` (unix seconds).
    """

    tenant_id: TenantId
    employee_id: EmployeeId
    session_id: UUID
    expires_at: float


class AccessTokens:
    """Issues and verifies access tokens; each is verified once and cached until it expires."""

    def __init__(self, secret: str, seconds: int, cache_size: int = 20_000) -> None:
        self._keys = TokenKeys(secret, seconds)
        self.seconds, self._cache_size = seconds, cache_size
        self._verified: dict[str, Identity] = {}

    def issue(
        self,
        tenant_id: TenantId,
        employee_id: EmployeeId,
        session_id: UUID,
        now: float | None = None,
    ) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": int(time() if now is None else now) + self.seconds,
            "sub": str(employee_id),
            "ten": str(tenant_id),
            "sid": str(session_id),
            "jti": new_id().hex,
        }
        kid, key = self._keys.signing(time())
        return jwt.encode(claims, key, algorithm="HS256", headers={"kid": kid})

    def load_keys(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Takes over the generations of keys that the database names."""
        if self._keys.read(rows):
            self._verified.clear()

    def read(self, token: str) -> Identity:
        """Raises `Unauthenticated` where the token is forged, foreign or expired."""
        identity = self._verified.get(token)
        if identity is None:
            identity = self._verify(token)
            if len(self._verified) >= self._cache_size:
                self._verified.clear()
            self._verified[token] = identity
        if identity.expires_at <= time():
            self._verified.pop(token, None)
            raise Unauthenticated("token")
        return identity

    def _verify(self, token: str) -> Identity:
        try:
            key = self._keys.find(jwt.get_unverified_header(token)["kid"])
            if key is None:
                raise Unauthenticated("token")
            claims = jwt.decode(
                token,
                key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": _REQUIRED},
            )
            return Identity(
                TenantId(UUID(claims["ten"])),
                EmployeeId(UUID(claims["sub"])),
                UUID(claims["sid"]),
                float(claims["exp"]),
            )
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
            raise Unauthenticated("token") from None


def new_secret(tenant_id: TenantId) -> str:
    """An opaque token; it names its tenant, since its row lies behind row-level security."""
    return f"{tenant_id.hex}.{secrets.token_urlsafe(32)}"


def successor_of(token: str, salt: bytes) -> str:
    """The refresh token that follows `token`, for who has both: nobody keeps it in clear."""
    following = hmac.digest(salt, token.encode("utf-8", "surrogatepass"), "sha256")
    return f"{token.partition('.')[0]}.{urlsafe_b64encode(following).decode().rstrip('=')}"


def tenant_of(secret: str) -> TenantId:
    """The tenant that an opaque token names. Raises `Unauthenticated` for a malformed one."""
    try:
        return TenantId(UUID(hex=secret.partition(".")[0]))
    except ValueError:
        raise Unauthenticated("token") from None


def new_key(tenant_id: TenantId, key_id: UUID) -> str:
    """The secret of an API key."""
    return f"{KEY_PREFIX}{tenant_id.hex}_{key_id.hex}_{secrets.token_urlsafe(32)}"


def read_key(secret: str) -> tuple[TenantId, UUID]:
    """The tenant and the key that a secret claims. Raises `Unauthenticated`."""
    parts = secret.removeprefix(KEY_PREFIX).split("_", 2)
    try:
        return TenantId(UUID(hex=parts[0])), UUID(hex=parts[1])
    except (ValueError, IndexError):
        raise Unauthenticated("key") from None


def digest(secret: str) -> bytes:
    """The stored form of a secret with 256 bits of entropy, which needs no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
