"""Logging in at a tenant's own OpenID provider: authorization code with PKCE, state and nonce.

What is between start and callback travels sealed in `state`, bound to the browser by a cookie.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Any
from uuid import UUID

import orjson
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.gateway.accounts.audit import note_account, note_details
from services.gateway.accounts.oidc_client import OidcClient
from services.gateway.accounts.origin import Origin
from services.gateway.accounts.sessions import Session, Sessions
from services.gateway.accounts.staff import NO_TENANT
from services.gateway.accounts.tokens import digest
from services.gateway.storage import accounts, logins, oidc, tenant_names
from shared.db import Database, Tx
from shared.errors import NotFound, Unauthenticated
from shared.ids import EmployeeId, TenantId
from shared.secret_box import SecretBox

log = structlog.get_logger()
STATE_SECONDS = 600
_LEEWAY_SECONDS = 60
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_STATE = "oidc state"


@dataclass(frozen=True, slots=True)
class Started:
    """Where the browser goes, and the cookie that it brings back."""

    location: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A tenant's provider as its admin set it."""

    tenant_id: TenantId
    issuer: str
    client_id: str
    client_secret: str
    allowed_domains: frozenset[str]


class _Refused(Exception):
    """Why a log-in at a provider does not count; for the log, not for the stranger."""


class OutsideLogIn:
    """Log-ins at the providers of tenants; `public_url` is where browsers reach this gateway."""

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        client: OidcClient,
        sessions: Sessions,
        public_url: str,
    ) -> None:
        self._database, self._box, self._client = database, box, client
        self._sessions, self._public_url = sessions, public_url.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether browsers reach this gateway over TLS."""
        return self._public_url.startswith("https:")

    def redirect_uri(self, tenant_id: TenantId) -> str:
        """The address that the provider must know."""
        return f"{self._public_url}/api/v1/auth/oidc/{tenant_id}/callback"

    async def start(self, tenant: str) -> Started:
        """Raises `NotFound` where the tenant has no provider, `Unavailable` where it is away."""
        provider = await self._provider(tenant)
        metadata = await self._client.metadata(provider.issuer)
        cookie, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        state = {
            "t": str(provider.tenant_id),
            "c": digest(cookie).hex(),
            "n": nonce,
            "v": verifier,
            "i": provider.issuer,
            "x": int(time()) + STATE_SECONDS,
        }
        location = prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=provider.client_id,
            response_type="code",
            redirect_uri=self.redirect_uri(provider.tenant_id),
            scope="openid email",
            state=urlsafe_b64encode(self._box.seal(orjson.dumps(state), _STATE)).decode(),
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return Started(location, cookie)

    async def finish(
        self, tenant: str, code: str, state: str, cookie: str, origin: Origin
    ) -> Session:
        """The session of who came back from the provider.

        Raises `Unauthenticated` for a forged or late return, and for somebody unknown here.
        """
        provider = await self._provider(tenant)
        try:
            attempt = self._read_state(provider, state, cookie)
            claims = await self._claims(provider, code, attempt)
            return await self._log_in(provider, claims, origin)
        except _Refused as refused:
            log.info("oidc_refused", tenant_id=str(provider.tenant_id), reason=str(refused))
            raise Unauthenticated("provider") from None

    async def _provider(self, tenant: str) -> Provider:
        tenant_id = await self._tenant(tenant)
        if tenant_id is None:
            raise NotFound("provider")
        async with self._database.begin_for(tenant_id) as tx:
            row = await oidc.get(tx)
        if row is None or not row["enabled"]:
            raise NotFound("provider")
        secret = self._box.open(row["client_secret"], purpose(tenant_id)).decode()
        return Provider(
            tenant_id, row["issuer"], row["client_id"], secret, frozenset(row["allowed_domains"])
        )

    async def _tenant(self, name: str) -> TenantId | None:
        """The tenant of that id or short name; an id is not looked up."""
        try:
            return TenantId(UUID(name))
        except ValueError:
            async with self._database.begin_for(NO_TENANT) as tx:
                stored_id = await tenant_names.find(tx, name.lower())
            return TenantId(UUID(str(stored_id))) if stored_id else None

    def _read_state(self, provider: Provider, state: str, cookie: str) -> Mapping[str, Any]:
        try:
            attempt: Mapping[str, Any] = orjson.loads(
                self._box.open(urlsafe_b64decode(state), _STATE)
            )
        except ValueError:
            raise _Refused("forged state") from None
        if attempt["x"] <= time():
            raise _Refused("late")
        if (attempt["t"], attempt["i"]) != (str(provider.tenant_id), provider.issuer):
            raise _Refused("state of another tenant or provider")
        if not hmac.compare_digest(attempt["c"], digest(cookie).hex()):
            raise _Refused("state of another browser")
        return attempt

    async def _claims(
        self, provider: Provider, code: str, attempt: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The verified claims of the id token that `code` is exchanged for."""
        metadata = await self._client.metadata(provider.issuer)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri(provider.tenant_id),
            "code_verifier": attempt["v"],
        }
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = None
        if "client_secret_basic" in methods:
            basic = (provider.client_id, provider.client_secret)
        else:
            form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
        answer = await self._client.exchange(metadata["token_endpoint"], form, basic)
        if not isinstance(answer.get("id_token"), str):
            raise _Refused("no id token")
        return await self._verified(provider, metadata, answer["id_token"], attempt["n"])

    async def _verified(
        self, provider: Provider, metadata: Mapping[str, Any], id_token: str, nonce: str
    ) -> Mapping[str, Any]:
        token = await self._signed(metadata["jwks_uri"], id_token)
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(token.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise _Refused(f"claims: {type(error).__name__}") from None
        if token.claims.get("azp", provider.client_id) != provider.client_id:
            raise _Refused("issued for another client")
        return token.claims

    async def _signed(self, jwks_uri: str, id_token: str) -> jwt.Token:
        """The token where one of the provider's keys signed it; keys may have changed since."""
        for anew in (False, True):
            try:
                keys = KeySet.import_key_set(await self._client.keys(jwks_uri, anew))  # type: ignore[arg-type]
                return jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError, TypeError, KeyError) as error:
                reason = type(error).__name__
        raise _Refused(f"signature: {reason}")

    async def _log_in(
        self, provider: Provider, claims: Mapping[str, Any], origin: Origin
    ) -> Session:
        subject = str(claims["sub"])[:255]
        async with self._database.begin_for(provider.tenant_id) as tx:
            employee_id = await oidc.linked(tx, provider.issuer, subject)
            linked = employee_id is not None
            if employee_id is None:
                employee_id = await self._by_email(tx, provider, claims)
            note_account(provider.tenant_id, employee_id)
            account = await accounts.lock(tx, employee_id)
            if account is None or not account["active"]:
                raise _Refused("account is not active")
            if not linked:
                if not await oidc.link(tx, provider.issuer, subject, employee_id):
                    raise _Refused("account is somebody else's at the provider")
                note_details(linked=True)
            return await self._sessions.open(tx, employee_id, origin)

    async def _by_email(self, tx: Tx, provider: Provider, claims: Mapping[str, Any]) -> EmployeeId:
        """The account with the e-mail that the provider has verified."""
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise _Refused("no verified e-mail")
        email = email.strip().lower()
        if email.rpartition("@")[2] not in provider.allowed_domains:
            raise _Refused("e-mail of another domain")
        login = await logins.find(tx, email)
        if login is None or login["tenant_id"] != tx.tenant_id or not login["confirmed"]:
            raise _Refused("nobody here has the e-mail")
        return EmployeeId(UUID(str(login["employee_id"])))


def purpose(tenant_id: TenantId) -> str:
    """What the provider's secret is sealed for."""
    return f"oidc client of {tenant_id}"
