"""`python -m deploy.demo`: load the demo tenant through the gateway and write its log-ins.

Reads SALES_GATEWAY_URL, SALES_OPERATOR_KEY and SALES_DEMO_FILE (where the log-ins go, readable by
its owner alone); SALES_DEMO_PRINT=1 also prints them, for those who see nothing but its output.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from deploy.demo.api_client import Refused, connect
from deploy.demo.loading import Say, load
from deploy.environment import with_file


def main() -> int:
    """Exit code 1, with one line that says why, where the gateway refuses or does not answer."""
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:5.1f} s  {text}", flush=True)

    environment = with_file(os.environ)
    try:
        gateway, key, path = (
            environment[f"SALES_{name}"] for name in ("GATEWAY_URL", "OPERATOR_KEY", "DEMO_FILE")
        )
        accounts = asyncio.run(_load(gateway, key, say))
    except KeyError as missing:
        print(f"demo: {missing.args[0]} is not set", file=sys.stderr)
        return 1
    except Refused as refused:
        print(f"demo: {refused}", file=sys.stderr)
        return 1
    keep(Path(path), accounts)
    say(f"log-ins are in {path}")
    if os.environ.get("SALES_DEMO_PRINT") == "1":
        for account in accounts:
            print(account["username"], account["password"], account["name"], sep="  ")
    return 0


async def _load(gateway: str, key: str, say: Say) -> list[dict[str, object]]:
    async with connect(gateway) as client:
        return await load(client, key, say)


def keep(path: Path, accounts: list[dict[str, object]]) -> None:
    """The log-ins, in a file that nobody else reads at any moment."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(0o600)
    draft.write_text(json.dumps({"accounts": accounts}, ensure_ascii=False, indent=1) + "\n")
    draft.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
