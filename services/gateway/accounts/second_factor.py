"""The second factor: a code of an authenticator application (TOTP), or a recovery code.

A right password gives a challenge instead of a session where a factor is there, or the tenant asks
for one. The challenge is sealed, holds for five minutes, and dies with the password.
"""

import secrets
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Any
from uuid import UUID

import orjson
import pyotp

from services.gateway.accounts.audit import note_account, note_details
from services.gateway.accounts.origin import Origin
from services.gateway.accounts.sessions import Session, Sessions
from services.gateway.accounts.throttle import Throttle
from services.gateway.accounts.tokens import digest
from services.gateway.domain.second_factor import (
    RECOVERY_CODES,
    accepted_step,
    canonical_code,
    is_required,
)
from services.gateway.errors import SecondFactorActive, SecondFactorRequired
from services.gateway.storage import accounts, second_factors
from services.gateway.storage.second_factors import Policy
from shared.db import Database, Tx
from shared.errors import Forbidden, NotFound, Unauthenticated
from shared.ids import EmployeeId, TenantId
from shared.secret_box import SecretBox
from shared.tenancy import Caller
from shared.versions import differing, stale

CHALLENGE_SECONDS = 300
_ISSUER = "Sales Launch"
_CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret for an authenticator, and the text of the QR code that brings it there."""

    secret: str
    otpauth_uri: str


@dataclass(frozen=True, slots=True)
class _Challenged:
    """Whose password was right."""

    tenant_id: TenantId
    employee_id: EmployeeId
    password: str


class SecondFactors:
    """Asks for second factors, enrols them and takes them away."""

    def __init__(
        self, database: Database, box: SecretBox, throttle: Throttle, sessions: Sessions
    ) -> None:
        self._database, self._box = database, box
        self._throttle, self._sessions = throttle, sessions

    async def demand(self, tx: Tx, account: Any) -> None:
        """Raises `SecondFactorRequired` with a challenge where the password alone is not enough."""
        note_account(tx.tenant_id, account["employee_id"])
        factor = await second_factors.get(tx, account["employee_id"])
        active = factor is not None and factor["confirmed_at"] is not None
        if not active and not await self._required(tx, account["roles"]):
            return
        challenge = {
            "t": str(tx.tenant_id),
            "e": str(account["employee_id"]),
            "p": _fingerprint(account),
            "x": int(time()) + CHALLENGE_SECONDS,
        }
        sealed = self._box.seal(orjson.dumps(challenge), _CHALLENGE)
        raise SecondFactorRequired(
            challenge=urlsafe_b64encode(sealed).decode(),
            enrolment_required=not active,
            expires_in=CHALLENGE_SECONDS,
        )

    async def log_in(self, challenge: str, code: str, origin: Origin) -> Session:
        """Opens the session of a challenge.

        Raises `Unauthenticated` for a wrong or used code, `Wait` after too many of them.
        """
        challenged = self._read(challenge)
        async with self._tries(challenged.employee_id, origin), self._begin(challenged) as tx:
            account = await self._challenged_account(tx, challenged)
            await self._accept(tx, challenged.employee_id, code)
            return await self._sessions.open(tx, account["employee_id"], origin)

    async def enrol_by_challenge(self, challenge: str) -> Enrolment:
        """A first factor, for somebody whom the tenant asks for one and who has none."""
        challenged = self._read(challenge)
        async with self._begin(challenged) as tx:
            account = await self._challenged_account(tx, challenged)
            return await self._enrol(tx, account)

    async def confirm_by_challenge(
        self, challenge: str, code: str, origin: Origin
    ) -> tuple[Session, list[str]]:
        """The session and the recovery codes of who has enrolled as the tenant asked."""
        challenged = self._read(challenge)
        async with self._tries(challenged.employee_id, origin), self._begin(challenged) as tx:
            account = await self._challenged_account(tx, challenged)
            codes = await self._confirm(tx, challenged.employee_id, code)
            return await self._sessions.open(tx, account["employee_id"], origin), codes

    async def enrol(self, caller: Caller) -> Enrolment:
        """A factor of the caller, to be confirmed. Raises `SecondFactorActive`."""
        async with self._database.begin_for(caller.tenant_id) as tx:
            account = await accounts.get(tx, caller.employee_id)
            if account is None:
                raise Forbidden("key")
            return await self._enrol(tx, account)

    async def confirm(self, caller: Caller, code: str, origin: Origin) -> list[str]:
        """Makes the caller's factor count; its recovery codes, shown this once."""
        async with (
            self._tries(caller.employee_id, origin),
            self._database.begin_for(caller.tenant_id) as tx,
        ):
            return await self._confirm(tx, caller.employee_id, code)

    async def remove(self, caller: Caller, code: str, origin: Origin) -> None:
        """Takes the caller's factor away, against one of its codes."""
        async with (
            self._tries(caller.employee_id, origin),
            self._database.begin_for(caller.tenant_id) as tx,
        ):
            if await self._required(tx, caller.roles):
                raise Forbidden("second_factor")
            await self._accept(tx, caller.employee_id, code)
            await second_factors.remove(tx, caller.employee_id)

    async def reset(self, admin: Caller, employee_id: EmployeeId) -> None:
        """Takes a colleague's factor away, who has lost it."""
        if employee_id == admin.employee_id:
            raise Forbidden("own_second_factor")
        async with self._database.begin_for(admin.tenant_id) as tx:
            if not await second_factors.remove(tx, employee_id):
                raise NotFound("second_factor")

    async def state(self, caller: Caller) -> Mapping[str, Any]:
        """Whether the caller has a factor, needs one, and how many recovery codes are left."""
        async with self._database.begin_for(caller.tenant_id) as tx:
            factor = await second_factors.get(tx, caller.employee_id)
            required = await self._required(tx, caller.roles)
        active = factor is not None and factor["confirmed_at"] is not None
        return {
            "active": active,
            "required": required,
            "recovery_codes_left": len(factor["recovery_codes"]) if active else 0,
        }

    async def policy(self, caller: Caller) -> Policy:
        """Who of the tenant's people needs a factor."""
        async with self._database.begin_for(caller.tenant_id) as tx:
            return await second_factors.policy(tx)

    async def set_policy(self, caller: Caller, second_factor: str) -> Policy:
        """Chooses who needs a factor, from their next log-in on.

        Raises `NotConfigured`, `Stale`.
        """
        if second_factor != "nobody":
            self._box.require()
        async with self._database.begin(caller) as tx:
            before = await second_factors.lock_policy(tx)
            if not tx.expects(before.version):
                sent = {"second_factor": second_factor}
                raise stale(before.version, differing(before._asdict(), sent))
            return await second_factors.set_policy(tx, second_factor)

    async def _required(self, tx: Tx, roles: Any) -> bool:
        policy = await second_factors.policy(tx)
        return is_required(policy.second_factor, roles)

    async def _enrol(self, tx: Tx, account: Any) -> Enrolment:
        employee_id = EmployeeId(UUID(str(account["employee_id"])))
        secret = pyotp.random_base32()
        sealed = self._box.seal(secret.encode(), _purpose(tx.tenant_id, employee_id))
        if not await second_factors.put_pending(tx, employee_id, sealed):
            raise SecondFactorActive
        uri = pyotp.TOTP(secret).provisioning_uri(name=account["email"] or "", issuer_name=_ISSUER)
        return Enrolment(secret, uri)

    async def _confirm(self, tx: Tx, employee_id: EmployeeId, code: str) -> list[str]:
        factor = await second_factors.lock(tx, employee_id)
        if factor is None:
            raise NotFound("second_factor")
        if factor["confirmed_at"]:
            raise SecondFactorActive
        step = self._step(tx.tenant_id, factor, code)
        if step is None:
            raise WrongCode("code")
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = [digest(canonical_code(recovery)) for recovery in codes]
        await second_factors.confirm(tx, employee_id, step, hashes)
        return codes

    async def _accept(self, tx: Tx, employee_id: EmployeeId, code: str) -> None:
        """Uses a code up. Raises `WrongCode`."""
        factor = await second_factors.lock(tx, employee_id)
        if factor is None or factor["confirmed_at"] is None:
            raise WrongCode("code")
        step = self._step(tx.tenant_id, factor, code)
        if step is not None:
            await second_factors.use(tx, factor, step, None)
            return
        recovery_hash = digest(canonical_code(code))
        if recovery_hash not in {bytes(known) for known in factor["recovery_codes"]}:
            raise WrongCode("code")
        note_details(recovery_code=True)
        await second_factors.use(tx, factor, factor["last_step"], recovery_hash)

    def _step(self, tenant_id: TenantId, factor: Any, code: str) -> int | None:
        purpose = _purpose(tenant_id, factor["employee_id"])
        totp = pyotp.TOTP(self._box.open(factor["secret"], purpose).decode())
        return accepted_step(canonical_code(code), totp.generate_otp, time(), factor["last_step"])

    def _read(self, challenge: str) -> _Challenged:
        """Raises `Unauthenticated` for a challenge that is forged or has expired."""
        try:
            claims = orjson.loads(self._box.open(urlsafe_b64decode(challenge), _CHALLENGE))
        except ValueError:
            raise Unauthenticated("challenge") from None
        if claims["x"] <= time():
            raise Unauthenticated("challenge")
        tenant_id, employee_id = TenantId(UUID(claims["t"])), EmployeeId(UUID(claims["e"]))
        note_account(tenant_id, employee_id)
        return _Challenged(tenant_id, employee_id, claims["p"])

    def _begin(self, challenged: _Challenged) -> Any:
        return self._database.begin_for(challenged.tenant_id)

    async def _challenged_account(self, tx: Tx, challenged: _Challenged) -> Any:
        """The account, locked. Raises `Unauthenticated` where it or its password has changed."""
        account = await accounts.lock(tx, challenged.employee_id)
        if account is None or not account["active"] or _fingerprint(account) != challenged.password:
            raise Unauthenticated("challenge")
        return account

    def _tries(self, employee_id: EmployeeId, origin: Origin) -> "_Tries":
        return _Tries(self._throttle, employee_id, origin)


class WrongCode(Unauthenticated):
    """A code that does not count: wrong, used before, or too old."""


class _Tries:
    """Lets a try through as the throttle of passwords does, and counts it where its code is wrong.

    The count outlives the transaction in which the code was judged.
    """

    def __init__(self, throttle: Throttle, employee_id: EmployeeId, origin: Origin) -> None:
        self._throttle, self._whose, self._origin = throttle, str(employee_id), origin

    async def __aenter__(self) -> None:
        self._attempt = await self._throttle.admit(self._whose, self._origin.network)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, WrongCode):
            await self._throttle.record_failure(self._attempt)


def _fingerprint(account: Any) -> str:
    """Changes with the password."""
    return digest(account["password_hash"] or "").hex()[:32]


def _purpose(tenant_id: TenantId, employee_id: EmployeeId) -> str:
    return f"second factor of {tenant_id} {employee_id}"


def _recovery_code() -> str:
    """80 bits, in four groups."""
    code = b32encode(secrets.token_bytes(10)).decode()
    return "-".join(code[start : start + 4] for start in range(0, 16, 4))
