"""Accounts of a telephony that signs its reports: their secrets rest sealed, and are not shown."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.activities.domain.refusals import DuplicateTelephonyAccount
from services.activities.queries.telephony_accounts import view_of_account
from services.activities.storage import telephony_accounts
from services.activities.telephony.mango import SignedForm, is_signed
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Forbidden, NotFound
from shared.ids import TenantId, new_id
from shared.secret_box import SecretBox

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AddAccount:
    """The account's key, which comes with each report, and the salt by which they are signed."""

    name: str
    api_key: str
    salt: str


async def add_account(tx: Tx, command: AddAccount, box: SecretBox) -> View:
    """Adds an account at Mango. Raises `DuplicateTelephonyAccount`, `NotConfigured`."""
    account_id = new_id()
    row = await telephony_accounts.add(
        tx,
        {
            "id": account_id,
            "provider": "mango",
            "name": command.name,
            "key_digest": _digest(command.api_key),
            "secret": box.seal(command.salt.encode(), _purpose(tx.tenant_id, account_id)),
        },
    )
    if row is None:
        raise DuplicateTelephonyAccount
    return view_of_account(row)


async def remove_account(tx: Tx, account_id: UUID) -> View:
    """Removes an account: its reports are refused from now on. Raises `NotFound`."""
    if not await telephony_accounts.remove(tx, account_id):
        raise NotFound("telephony_account")
    return {"id": account_id}


async def require_signature(tx: Tx, form: SignedForm, box: SecretBox) -> None:
    """Raises `Forbidden` for a form that no account of the tenant has signed. An unknown account
    takes the same work as a wrong signature.
    """
    row = await telephony_accounts.find(tx, _digest(form.api_key))
    salt = _salt(tx.tenant_id, row, box) if row else None
    if not is_signed(form, salt or "") or salt is None:
        raise Forbidden("call_signature")


def _salt(tenant_id: TenantId, row: Row, box: SecretBox) -> str | None:
    """The account's salt; None where it was sealed under a key that is gone."""
    try:
        return box.open(row["secret"], _purpose(tenant_id, row["id"])).decode()
    except ValueError:
        return None


def _digest(api_key: str) -> bytes:
    return sha256(api_key.encode("utf-8", "surrogatepass")).digest()


def _purpose(tenant_id: TenantId, account_id: UUID) -> str:
    return f"telephony:{tenant_id}:{account_id}"
