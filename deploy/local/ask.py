"""One question to the gateway, as one of the demo tenant's people: for trying things without other tools."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from deploy.local.errors import CannotRun

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(demo: dict[str, Any], path: str, role: str) -> str:
    """The JSON answer to `GET /api/v1<path>`, indented, as the first account that has `role`.

    Raises:
        CannotRun: no such account, or the gateway does not answer.
    """
    account = next((one for one in demo.get("accounts", []) if role in one["roles"]), None)
    if account is None:
        raise CannotRun(f"there is no account with the role {role}: `make up` first")
    form = urllib.parse.urlencode({"username": account["username"], "password": account["password"]}).encode()
    token = json.loads(_read(urllib.request.Request(f"{demo['gateway']}/api/v1/auth/token", form)))["access_token"]
    request = urllib.request.Request(f"{demo['gateway']}/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
    return json.dumps(json.loads(_read(request)), ensure_ascii=False, indent=2)


def _read(request: urllib.request.Request) -> bytes:
    try:
        with _OPENER.open(request, timeout=10) as answer:
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as refused:
        return bytes(refused.read())
    except OSError as away:
        raise CannotRun(f"the gateway does not answer ({away}): `make status` tells more") from None
