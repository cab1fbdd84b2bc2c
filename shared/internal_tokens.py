"""Internal requests: by whom they are made, for whom, and that nobody changed them on the way.

A token says who calls: signed by the calling service, readable by one service, short-lived and used
for every request of that caller meanwhile. A proof binds one request to it: method, path, query,
body and Idempotency-Key, by a key that only the two services know. A command that is heard and sent
again is known by its Idempotency-Key, or refused. Signing each request would cost twenty-five times
as much; `docs/adr/0020-nobody-inside-is-trusted.md`.
"""

import hmac
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from operator import attrgetter
from time import time, time_ns
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID

import jwt
import structlog

from shared.errors import Unauthenticated
from shared.ids import EmployeeId, RoomId, TenantId
from shared.internal_keys import KeyRing
from shared.tenancy import Caller

log = structlog.get_logger()

TOKEN_HEADER = "x-internal-token"  # noqa: S105 -- a header's name
PROOF_HEADER = "x-internal-proof"
TOKEN_SECONDS = 60
REUSED_SECONDS = 30
LEEWAY_SECONDS = 180.0
"""How far the clocks of two services may lie apart, either way."""
INTERNAL_PATH = "/internal/"
COMMANDS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SPEAKS_FOR_PEOPLE = "gateway"
"""The one service whose tokens may name a person, a role or the operator."""

# Whatever a caller is known by; a request's own key and trace are no part of it.
_identity = attrgetter(
    *(field.name for field in fields(Caller) if field.name not in ("command", "trace_id"))
)
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "ten"]


def digest_of(method: str, path: str, query: bytes, body: bytes) -> bytes:
    """What a proof binds; `path` is decoded, `query` as it was sent; only commands have a body."""
    head = f"{method} {path}?".encode() + query + b"\n"
    return sha256(head + body if method in COMMANDS else head).digest()


def _signed(moment: str, token: str, key: bytes) -> bytes:
    """What a proof is made of besides the request's digest. The moment is in nanoseconds, so that
    no two proofs are the same; `key` is as it goes over the wire.
    """
    return b"%b.%b.%d.%b." % (moment.encode(), token.encode("latin-1"), len(key), key)


class TokenIssuer:
    """Signs what one service sends to its peers; tokens are reused for some seconds."""

    def __init__(self, keys: KeyRing, cache_size: int = 20_000) -> None:
        self._keys, self._cache_size = keys, cache_size
        self._signed: dict[tuple[object, ...], tuple[float, str]] = {}

    @property
    def name(self) -> str:
        """The service that signs."""
        return self._keys.name

    def headers(
        self,
        caller: Caller,
        audience: str,
        method: str,
        target: str,
        body: bytes = b"",
        key: str = "",
    ) -> dict[str, str]:
        """Headers that prove to `audience` who calls; `target` is the encoded path with its
        query, `key` the request's Idempotency-Key.
        """
        now = time()
        token = self._token(caller, audience, now)
        path, _, query = target.partition("?")
        if "%" in path:
            path = unquote(path)
        kid, secret = self._keys.to(audience)
        moment = str(time_ns())
        bound = digest_of(method, path, query.encode(), body)
        proof = hmac.digest(secret, _signed(moment, token, key.encode()) + bound, "sha256").hex()
        return {TOKEN_HEADER: token, PROOF_HEADER: f"{moment}.{kid}.{proof}"}

    def _token(self, caller: Caller, audience: str, now: float) -> str:
        key = (audience, *_identity(caller))
        signed = self._signed.get(key)
        if signed and signed[0] > now:
            return signed[1]
        if len(self._signed) >= self._cache_size:
            self._signed.clear()
        token = self._sign(caller, audience, now)
        self._signed[key] = (now + REUSED_SECONDS, token)
        return token

    def _sign(self, caller: Caller, audience: str, now: float) -> str:
        claims: dict[str, Any] = {
            "iss": self._keys.name,
            "aud": audience,
            "iat": int(now),
            "exp": int(now) + TOKEN_SECONDS,
            "ten": str(caller.tenant_id),
            "sub": str(caller.employee_id),
            "rol": sorted(caller.roles),
            "roo": [str(room_id) for room_id in sorted(caller.room_ids)],
            "ope": caller.operator,
            "sys": bool(caller.system),
        }
        if caller.headed_room_ids is not None:
            claims["hea"] = [str(room_id) for room_id in sorted(caller.headed_room_ids)]
        own = self._keys.own
        return jwt.encode(claims, own.signature, algorithm="EdDSA", headers={"kid": own.kid})


class _Signed(NamedTuple):
    """What the sender has signed."""

    token: str
    key: str
    bound: bytes


class HeardProofs:
    """The proofs of commands that came, each kept for at least `seconds`: for as long as it would
    be believed.

    In two halves, the older of which is forgotten as a whole; a proof is kept as 64 of its bits.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._recent: set[int] = set()
        self._older: set[int] = set()
        self._turn_at = 0.0

    def add(self, proof: str, now: float) -> bool:
        """Remembers a proof; False where it was heard before."""
        if now >= self._turn_at:
            self._older, self._recent = self._recent, set()
            self._turn_at = now + self._seconds
        mark = int(proof[-16:], 16)
        if mark in self._recent or mark in self._older:
            return False
        self._recent.add(mark)
        return True


class TokenReader:
    """Verifies what peers send; each token once, each request by its proof."""

    def __init__(
        self, keys: KeyRing, leeway: float = LEEWAY_SECONDS, remember: int = 20_000
    ) -> None:
        self._keys, self._leeway, self._remember = keys, leeway, remember
        self._verified: dict[str, tuple[float, str, Caller]] = {}
        self._heard = HeardProofs(2 * leeway)

    def read(
        self, token: str, proof: str, path: str, bound: bytes, key: str = "", once: bool = False
    ) -> Caller:
        """Who makes the request with this token and proof; `bound` is its `digest_of`, `key` its
        Idempotency-Key, its bytes read as Latin-1.

        Raises `Unauthenticated` where the token is forged, expired or another service's, where the
        request is not the one that was signed, where it came before although it may come `once`
        only, and where a person calls an internal path or a service a public one.
        """
        verified = self._verified.get(token)
        if verified is None:
            verified = self._verify(token)
        expires_at, issuer_kid, caller = verified
        now = time()
        if expires_at <= now:
            self._verified.pop(token, None)
            raise _refused("the token has expired")
        self._prove(proof, _Signed(token, key, bound), issuer_kid, now)
        if once and not self._heard.add(proof, now):
            raise _refused("it came before, and has no Idempotency-Key to be known by")
        if path.startswith(INTERNAL_PATH) != bool(caller.system):
            raise _refused("a person on an internal path, or a service on a public one")
        return caller

    def _prove(self, proof: str, request: _Signed, issuer_kid: str, now: float) -> None:
        moment, _, rest = proof.partition(".")
        own_kid, _, mac = rest.partition(".")
        secret = self._keys.back(issuer_kid, own_kid)
        if secret is None or not moment.isdecimal() or not mac.isascii():
            raise _refused("the proof is missing or made with keys that are not known")
        signed = _signed(moment, request.token, request.key.encode("latin-1")) + request.bound
        if not hmac.compare_digest(mac, hmac.digest(secret, signed, "sha256").hex()):
            raise _refused("the proof is of another request")
        age = now - int(moment) / 1e9
        if abs(age) > self._leeway:
            raise _refused(f"signed {age:.0f} s ago: clocks apart, or sent again")

    def _verify(self, token: str) -> tuple[float, str, Caller]:
        try:
            kid = jwt.get_unverified_header(token)["kid"]
            issuer, public = self._keys.issuer(kid) or ("", None)
            if public is None:
                raise _refused(f"no key {str(kid)[:40]} is known")
            claims = jwt.decode(
                token,
                public.verification,
                algorithms=["EdDSA"],
                audience=self._keys.name,
                issuer=issuer,
                leeway=self._leeway,
                options={"require": _REQUIRED},
            )
            caller = _caller_of(claims, issuer)
            expires_at = float(claims["exp"]) + self._leeway
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError) as fault:
            raise _refused(f"{type(fault).__name__}: {fault}") from None
        if len(self._verified) >= self._remember:
            self._verified.clear()
        verified = self._verified[token] = (expires_at, kid, caller)
        return verified


def _refused(reason: str) -> Unauthenticated:
    """The refusal, which tells the caller nothing; the operator reads why in the log."""
    log.warning("internal_request_refused", reason=reason[:200])
    return Unauthenticated("token")


def _caller_of(claims: Mapping[str, Any], issuer: str) -> Caller:
    """Raises `ValueError` and its like for claims that the issuer may not make."""
    tenant_id, employee_id = TenantId(UUID(claims["ten"])), EmployeeId(UUID(claims["sub"]))
    if claims["sys"]:
        return Caller(tenant_id, employee_id, system=issuer)
    if issuer != SPEAKS_FOR_PEOPLE:
        raise ValueError("only the gateway speaks for people")
    return Caller(
        tenant_id=tenant_id,
        employee_id=employee_id,
        roles=frozenset(claims["rol"]),
        room_ids=_rooms_in(claims["roo"]),
        operator=bool(claims["ope"]),
        headed_room_ids=_rooms_in(claims["hea"]) if "hea" in claims else None,
    )


def _rooms_in(claim: Any) -> frozenset[RoomId]:
    return frozenset(RoomId(UUID(room_id)) for room_id in claim)
