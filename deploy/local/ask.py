"""One question to the gateway, as one of the demo tenant's people: for trying things without other
tools.
"""

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
        CannotRun: no such account, the gateway lets nobody in, or it does not answer.
    """
    account = next(
        (account for account in demo.get("accounts", []) if role in account["roles"]), None
    )
    if account is None:
        raise CannotRun(f"there is no account with the role {role}: `make up` first")
    form = urllib.parse.urlencode(
        {"username": account["username"], "password": account["password"]}
    ).encode()
    logged_in = _read(urllib.request.Request(f"{demo['gateway']}/api/v1/auth/token", form))
    if "access_token" not in logged_in:
        raise CannotRun(
            f"{account['username']} could not log in: {logged_in.get('detail') or logged_in}"
        )
    headers = {"Authorization": f"Bearer {logged_in['access_token']}"}
    request = urllib.request.Request(
        f"{demo['gateway']}/api/v1{urllib.parse.quote(path, safe='/?&=%+:,')}", headers=headers
    )
    return json.dumps(_read(request), ensure_ascii=False, indent=2)


def _read(request: urllib.request.Request) -> Any:
    """The JSON of any answer, a refusal's too."""
    try:
        try:
            with _OPENER.open(request, timeout=10) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as refused:
            return json.loads(refused.read())
    except OSError as away:
        raise CannotRun(f"the gateway does not answer ({away}): `make status` tells more") from None
    except ValueError:
        raise CannotRun(f"{request.full_url} answers something else than JSON") from None
